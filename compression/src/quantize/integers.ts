/** Affine 8-bit parameters of one tensor: real = (q - zeroPoint) * scale. */
export interface Affine {
  readonly scale: number;
  readonly zeroPoint: number;
}

/** Parameters that cover `[low, high]` and hold zero exactly (padding and Relu rely on it). */
export function affineOf(low: number, high: number, type: 'uint8' | 'int8', bits = 8): Affine {
  const [first, last] = type === 'uint8' ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
  const from = Math.min(low, 0);
  const to = Math.max(high, 0);
  const scale = Math.fround((to - from) / (last - first));
  if (!(scale > 0)) return { scale: 1, zeroPoint: type === 'uint8' ? 0 : first };
  return { scale, zeroPoint: Math.min(last, Math.max(first, Math.round(first - from / scale))) };
}

/** Nearest integer, ties to even: what QuantizeLinear does. */
export function roundEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** A weight as symmetric integers, one scale for each slice along `axis` (or one for all). */
export interface QuantizedWeight {
  readonly values: Int8Array;
  readonly scales: Float32Array;
}

/**
 * Rounds a weight of shape `dims` to symmetric integers of `bits` bits. `smallest` bounds each scale from below: a bias that is
 * large against its weights would not fit 32 bits otherwise.
 */
export function quantizeWeight(
  data: Float32Array,
  dims: readonly number[],
  options: { axis?: number; bits?: number; smallest?: (slice: number) => number } = {},
): QuantizedWeight {
  const { axis, bits = 8 } = options;
  const highest = 2 ** (bits - 1) - 1;
  const slices = axis === undefined ? 1 : dims[axis]!;
  const inner = axis === undefined ? data.length : dims.slice(axis + 1).reduce((p, d) => p * d, 1);
  const peaks = new Float32Array(slices);
  // Runs of one slice each; no calls per value: weights are the bulk of a model.
  for (let start = 0, slice = 0; start < data.length; start += inner, slice = (slice + 1) % slices) {
    let peak = peaks[slice]!;
    for (let i = start; i < start + inner; i++) peak = Math.max(peak, Math.abs(data[i]!));
    peaks[slice] = peak;
  }
  const scales = peaks.map((peak, slice) => Math.max(peak / highest, options.smallest?.(slice) ?? 0) || 1);
  const values = new Int8Array(data.length);
  for (let start = 0, slice = 0; start < data.length; start += inner, slice = (slice + 1) % slices) {
    const scale = scales[slice]!;
    for (let i = start; i < start + inner; i++)
      values[i] = Math.max(-highest, Math.min(highest, roundEven(data[i]! / scale)));
  }
  return { values, scales };
}
