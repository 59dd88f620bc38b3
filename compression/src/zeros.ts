import { intAttribute, type Node, type Tensor } from './node.js';
import { elementTypes } from './onnx-schema.js';
import { sizeOf } from './sizes.js';
import { DataType, dimsOf, intsOf } from './tensor.js';

/** Types whose zero has a sign bit: it is left out of the comparison. */
const floats = new Set<number>([DataType.FLOAT, DataType.FLOAT16, DataType.DOUBLE, DataType.BFLOAT16]);

/** Elements of a stored tensor as unsigned words, without a copy where they lie aligned; undefined for types that are not counted here. */
function wordsOf({ dataType, rawData: raw }: Tensor): ArrayLike<number> | ArrayLike<bigint> | undefined {
  const { buffer, byteOffset, length } = raw;
  const bits = elementTypes[dataType]?.bits ?? 0;
  const aligned =
    byteOffset % Math.max(1, bits / 8) === 0
      ? { buffer, byteOffset }
      : { buffer: new Uint8Array(raw).buffer, byteOffset: 0 };
  if (bits === 8) return raw;
  if (bits === 16) return new Uint16Array(aligned.buffer, aligned.byteOffset, length / 2);
  if (bits === 32) return new Uint32Array(aligned.buffer, aligned.byteOffset, length / 4);
  if (bits === 64) return new BigUint64Array(aligned.buffer, aligned.byteOffset, length / 8);
  return undefined;
}

/** Number of elements of a stored tensor that are zero; undefined where its type is not known here. */
export function zerosOf(tensor: Tensor): number | undefined {
  if (tensor.rawData.length === 0) {
    const values = [tensor.floatData, tensor.doubleData, tensor.int64Data].find((list) => list.length > 0);
    if (values) return [...values].filter((v) => Number(v) === 0).length;
    // Small integers and float16 lie in int32Data, the latter as bits.
    const sign = tensor.dataType === DataType.FLOAT16 || tensor.dataType === DataType.BFLOAT16 ? 0x7fff : -1;
    if ((elementTypes[tensor.dataType]?.perElement ?? 0) !== 1) return sizeOf(tensor.dims) === 0 ? 0 : undefined;
    return tensor.int32Data.filter((v) => (v & sign) === 0).length;
  }
  const words = wordsOf(tensor);
  if (!words) return integersEqual(tensor, [0]);
  const signed = floats.has(tensor.dataType);
  let count = 0;
  if (words instanceof BigUint64Array) {
    const mask = signed ? 0x7fff_ffff_ffff_ffffn : 0xffff_ffff_ffff_ffffn;
    for (const word of words) if ((word & mask) === 0n) count++;
    return count;
  }
  const mask = signed ? 2 ** ((elementTypes[tensor.dataType]?.bits ?? 0) - 1) - 1 : -1;
  for (let i = 0; i < words.length; i++) if (((words[i] as number) & mask) === 0) count++;
  return count;
}

/** Number of integers equal to the zero point of their place: `points` repeat, `stride` elements each. */
function integersEqual(tensor: Tensor, points: readonly number[], stride = 1): number | undefined {
  const { dataType, rawData: raw } = tensor;
  const signed = dataType === DataType.INT8 || dataType === DataType.INT4;
  const elements = sizeOf(tensor.dims);
  const narrow = dataType === DataType.INT4 || dataType === DataType.UINT4;
  if (!narrow && dataType !== DataType.INT8 && dataType !== DataType.UINT8) return undefined;
  if (raw.length !== Math.ceil(elements / (narrow ? 2 : 1))) return undefined;
  const bits = narrow ? 4 : 8;
  let count = 0;
  for (let i = 0; i < elements; i++) {
    const word = narrow ? (raw[i >> 1]! >> ((i & 1) * 4)) & 15 : raw[i]!;
    const value = signed && word >= 1 << (bits - 1) ? word - (1 << bits) : word;
    if (value === points[Math.floor(i / stride) % points.length]) count++;
  }
  return count;
}

/** Integers that stand for zero: those at their zero point, which is one or one for each slice along `axis`. Undefined for other layouts. */
export function zerosQuantized(weight: Tensor, zeroPoint: Tensor | undefined, axis: number): number | undefined {
  if (!zeroPoint) return zerosOf(weight);
  if (zeroPoint.dataType === DataType.INT4 || zeroPoint.dataType === DataType.UINT4) return undefined;
  const points = intsOf(zeroPoint).map(Number);
  if (points.every((p) => p === 0)) return zerosOf(weight);
  if (new Set(points).size === 1) return integersEqual(weight, [points[0]!]);
  const dims = dimsOf(weight);
  const along = axis < 0 ? axis + dims.length : axis;
  return points.length === dims[along] ? integersEqual(weight, points, sizeOf(dims.slice(along + 1))) : undefined;
}

/** Zeros among the packed weights of a MatMulNBits without zero points: those in the middle of their range. */
export function zerosPacked(node: Node, weight: Tensor): number | undefined {
  const bits = intAttribute(node, 'bits', 4);
  const [columns, rows] = [intAttribute(node, 'K', 0), intAttribute(node, 'N', 0)];
  if ((bits !== 4 && bits !== 8) || weight.rawData.length === 0 || rows === 0) return undefined;
  const middle = 1 << (bits - 1);
  const rowBytes = weight.rawData.length / rows;
  let count = 0;
  for (let row = 0; row < rows; row++)
    for (let k = 0; k < columns; k++) {
      const byte = weight.rawData[row * rowBytes + (bits === 4 ? k >> 1 : k)]!;
      if ((bits === 4 ? (byte >> ((k & 1) * 4)) & 15 : byte) === middle) count++;
    }
  return count;
}
