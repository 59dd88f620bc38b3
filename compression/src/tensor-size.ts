import { LabError } from '@hilltop/contracts';
import { elementTypes } from './onnx-schema.js';

/** A TensorProto as its fields say: nothing of it was decoded. */
export interface TensorFields {
  readonly name: string;
  readonly dims: readonly number[];
  /** TensorProto.DataType code; 0 where it is not stated. */
  readonly type: number;
  /** Bytes of raw_data, where present. */
  readonly raw: number | undefined;
  /** Number of the typed data field -> values in it. */
  readonly typed: ReadonlyMap<number, number>;
}

/**
 * Compares the data present with the shape: exactly one field holds it, with exactly as much as the shape says. Returns the
 * number of elements and whether they can be weights. Throws `model.tensor-size`, `model.not-onnx`.
 */
export function checkTensorSize({ name, dims, type: code, raw, typed }: TensorFields): {
  elements: number;
  weight: boolean;
} {
  const wrong = (why: string): LabError =>
    new LabError('model.tensor-size', `tensor ${name || '(unnamed)'}: ${why}; export the model again`, {
      tensor: name,
      dims,
    });
  if (dims.some((d) => d < 0)) throw wrong('a dimension is negative');
  const elements = dims.reduce((product, d) => product * d, 1);
  const type = elementTypes[code];
  if (!type) {
    if (code === 0 && elements === 0) return { elements: 0, weight: false };
    throw new LabError('model.not-onnx', `not an ONNX model: tensor ${name} has the unknown element type ${code}`);
  }
  const shape = `[${dims.join(',')}] of ${type.name}`;
  if (raw !== undefined) {
    if (typed.size > 0) throw wrong('its data is given twice');
    const want = Math.ceil((elements * type.bits) / 8);
    if (type.bits === 0 || raw !== want) throw wrong(`its shape ${shape} needs ${want} bytes, the file has ${raw}`);
  } else {
    const want = Math.ceil(elements * type.perElement);
    const have = typed.get(type.field) ?? 0;
    const foreign = [...typed.keys()].some((field) => field !== type.field);
    if (foreign || have !== want) throw wrong(`its shape ${shape} needs ${want} values, the file has ${have}`);
  }
  return { elements, weight: type.weight };
}
