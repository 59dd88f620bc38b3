import type { TensorPack } from '@hilltop/contracts';
import type { Host } from '../host.js';
import type { Outputs } from '../screen/classes.js';
import { fidelity } from '../screen/fidelity.js';

/** How much one layer alone disturbs a model's first output when it computes on 8 bits. */
export interface LayerSensitivity {
  /** Name of its node. */
  readonly layer: string;
  /** Signal to quantization noise of output 0 against the float model, in dB; Infinity: no difference. Low is sensitive. */
  readonly sqnrDb: number;
}

export interface SensitivityOptions {
  readonly layers: readonly string[];
  /** The float model's own outputs on `data`. */
  readonly reference: Outputs;
  /** Calibration data: sensitivity chooses nothing by itself, validation data is for what does. */
  readonly data: TensorPack;
  readonly host: Host;
  readonly signal?: AbortSignal;
  /** The model with only this layer quantized; undefined where it cannot be: the layer is left out of the answer. */
  readonly quantizeOnly: (layer: string) => Promise<Uint8Array | undefined>;
  readonly onProgress?: (fraction: number) => void;
}

/**
 * Sensitivity of each layer, most sensitive first. Each is quantized alone: noises of different layers are nearly uncorrelated and
 * add up, while leaving out one layer of a quantized model shows little but the noise of the others. Throws the codes of Host.
 */
export async function layerSensitivities(options: SensitivityOptions): Promise<LayerSensitivity[]> {
  const found: LayerSensitivity[] = [];
  for (const [i, layer] of options.layers.entries()) {
    const model = await options.quantizeOnly(layer);
    if (model) {
      const outputs = await options.host.outputs(model, options.data, options.signal);
      found.push({ layer, sqnrDb: sqnrDb(options.reference, outputs) });
    }
    options.onProgress?.((i + 1) / options.layers.length);
  }
  // Stable: layers of equal sensitivity stay in the model's order.
  return found.sort((a, b) => (a.sqnrDb === b.sqnrDb ? 0 : a.sqnrDb - b.sqnrDb));
}

function sqnrDb(reference: Outputs, outputs: Outputs): number {
  const far = fidelity(reference, outputs);
  // Not finite: infinitely far.
  if (!far) return Number.NEGATIVE_INFINITY;
  return far.mse.value === 0 ? Number.POSITIVE_INFINITY : (far.sqnr_db?.value ?? Number.NEGATIVE_INFINITY);
}
