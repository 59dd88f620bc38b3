import type { Outputs } from './classes.js';
import { type Estimate, normalInterval } from './normal-interval.js';

export interface Fidelity {
  /** Mean squared difference of a value. */
  readonly mse: Estimate;
  /** 10 log10 of the model's power over the difference's; absent where the outputs are equal: there is no noise. */
  readonly sqnr_db?: Estimate;
}

/**
 * How far the variant's outputs are from the model's. Power is mean square, as in ONNX Runtime's own quantization debugger: no
 * mean is taken off. Intervals over items: of a mean for mse, of a ratio of sums (delta method on its logarithm) for the SQNR.
 * Undefined where an output is not finite: it is infinitely far.
 */
export function fidelity(model: Outputs, variant: Outputs): Fidelity | undefined {
  const { perItem, data } = model;
  const n = perItem === 0 ? 0 : data.length / perItem;
  const signals = new Float64Array(n);
  const noises = new Float64Array(n);
  for (let i = 0; i < data.length; i++) {
    const item = Math.floor(i / perItem);
    signals[item]! += data[i]! ** 2 / perItem;
    noises[item]! += (data[i]! - variant.data[i]!) ** 2 / perItem;
  }
  const signal = signals.reduce((sum, v) => sum + v, 0);
  const noise = noises.reduce((sum, v) => sum + v, 0);
  if (n === 0 || !Number.isFinite(signal) || !Number.isFinite(noise)) return undefined;
  const squares = noises.reduce((sum, v) => sum + (v - noise / n) ** 2, 0);
  const mse = normalInterval(noise / n, n > 1 ? Math.sqrt(squares / (n - 1) / n) : 0, 0);
  if (noise === 0 || signal === 0) return { mse };
  const variance = signals.reduce((sum, v, i) => sum + (v / signal - noises[i]! / noise) ** 2, 0);
  const decibels = 10 / Math.LN10;
  return { mse, sqnr_db: normalInterval(decibels * Math.log(signal / noise), decibels * Math.sqrt(variance)) };
}
