import { LabError } from './errors.js';
import type { PlanBorder } from './plan-format.js';

/** Nearest integer, ties to even, as QuantizeLinear has it. */
function roundEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Index in the plan's memory of each element of the ONNX tensor, in its order. */
function* places({ dims, layout }: PlanBorder): Generator<number> {
  const [batch = 1, channels = 1] = dims;
  const inner = dims.slice(2).reduce((product, d) => product * d, 1);
  const last = layout === 'channels-last' && dims.length > 2;
  for (let n = 0; n < batch; n++)
    for (let c = 0; c < channels; c++)
      for (let i = 0; i < inner; i++) yield last ? (n * inner + i) * channels + c : (n * channels + c) * inner + i;
}

const sizeOf = (dims: readonly number[]): number => dims.reduce((product, d) => product * d, 1);

/**
 * Bytes of a plan's input from the floats of the ONNX model's input, one item, in its order (NCHW): channels go last, and int8 inputs are
 * clamp(roundHalfEven(x / scale) + zeroPoint), the quotient in float32 as QuantizeLinear computes it. Throws `data.shape-mismatch`.
 */
export function quantizeInput(input: PlanBorder, floats: ArrayLike<number>): Uint8Array {
  const elements = sizeOf(input.dims);
  if (floats.length !== elements)
    throw new LabError(
      'data.shape-mismatch',
      `an item has ${floats.length} values, the plan's input takes ${elements}`,
    );
  const bytes = new Uint8Array(input.bytes);
  const view = new DataView(bytes.buffer);
  let i = 0;
  for (const at of places(input)) {
    const value = floats[i++]!;
    if (input.type === 'float32') view.setFloat32(at * 4, value, true);
    else if (input.type === 'int32') view.setInt32(at * 4, value, true);
    else {
      const steps = roundEven(Math.fround(Math.fround(value) / input.scale)) + input.zeroPoint;
      view.setInt8(at, Math.min(127, Math.max(-128, steps)));
    }
  }
  return bytes;
}

/** Floats of the ONNX model's output, in its order, from the bytes of a plan's output. Throws `data.shape-mismatch`. */
export function dequantizeOutput(output: PlanBorder, bytes: Uint8Array): Float32Array {
  if (bytes.length !== output.bytes)
    throw new LabError('data.shape-mismatch', `an output has ${bytes.length} bytes, the plan's has ${output.bytes}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const floats = new Float32Array(sizeOf(output.dims));
  let i = 0;
  for (const at of places(output)) {
    if (output.type === 'float32') floats[i++] = view.getFloat32(at * 4, true);
    else if (output.type === 'int32') floats[i++] = view.getInt32(at * 4, true);
    else floats[i++] = (view.getInt8(at) - output.zeroPoint) * output.scale;
  }
  return floats;
}
