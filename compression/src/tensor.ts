import { create } from '@bufbuild/protobuf';
import { LabError } from '@hilltop/contracts';
import { TensorProto_DataType as DataType, TensorProtoSchema } from 'onnx-buf';
import { fromFloat16, toFloat16 } from './float16.js';
import type { Tensor } from './node.js';

export { DataType };

export function dimsOf(tensor: Tensor): number[] {
  return tensor.dims.map(Number);
}

/** Bytes of a typed array, little-endian (every platform Node runs on). */
const bytesOf = (data: ArrayBufferView): Uint8Array<ArrayBuffer> =>
  new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);

function makeTensor(name: string, dataType: DataType, dims: readonly number[], data: ArrayBufferView): Tensor {
  return create(TensorProtoSchema, { name, dataType, dims: dims.map(BigInt), rawData: bytesOf(data) });
}

export const float32Tensor = (name: string, dims: readonly number[], data: Float32Array): Tensor =>
  makeTensor(name, DataType.FLOAT, dims, data);
export const int8Tensor = (name: string, dims: readonly number[], data: Int8Array): Tensor =>
  makeTensor(name, DataType.INT8, dims, data);
export const uint8Tensor = (name: string, dims: readonly number[], data: Uint8Array): Tensor =>
  makeTensor(name, DataType.UINT8, dims, data);
export const int32Tensor = (name: string, dims: readonly number[], data: Int32Array): Tensor =>
  makeTensor(name, DataType.INT32, dims, data);
export const int64Tensor = (name: string, dims: readonly number[], data: readonly bigint[]): Tensor =>
  makeTensor(name, DataType.INT64, dims, BigInt64Array.from(data));
/** A loop: `Uint16Array.from` with a function takes ten times as long. */
function halves(data: Float32Array): Uint16Array {
  const bits = new Uint16Array(data.length);
  for (let i = 0; i < data.length; i++) bits[i] = toFloat16(data[i]!);
  return bits;
}
/** Float values stored as float16, rounded to nearest even. */
export const float16Tensor = (name: string, dims: readonly number[], data: Float32Array): Tensor =>
  makeTensor(name, DataType.FLOAT16, dims, halves(data));
/** Two 4-bit values per byte, the first in the low half. */
export const int4Tensor = (name: string, dims: readonly number[], packed: Uint8Array): Tensor =>
  makeTensor(name, DataType.INT4, dims, packed);

/** Elements of a float32, float16 or float64 tensor; undefined for other types. The array is a copy. */
export function floatsOf(tensor: Tensor): Float32Array<ArrayBuffer> | undefined {
  const raw = tensor.rawData;
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  if (tensor.dataType === DataType.FLOAT) {
    if (raw.length === 0) return Float32Array.from(tensor.floatData);
    return new Float32Array(new Uint8Array(raw).buffer);
  }
  if (tensor.dataType === DataType.FLOAT16) {
    if (raw.length === 0) return Float32Array.from(tensor.int32Data, fromFloat16);
    const floats = new Float32Array(raw.length / 2);
    for (let i = 0; i < floats.length; i++) floats[i] = fromFloat16(view.getUint16(i * 2, true));
    return floats;
  }
  if (tensor.dataType === DataType.DOUBLE) {
    if (raw.length === 0) return Float32Array.from(tensor.doubleData);
    return new Float32Array(new Float64Array(new Uint8Array(raw).buffer));
  }
  return undefined;
}

/** Elements of an integer tensor as BigInt: INT64_MAX marks "to the end" in Slice and must survive. Throws `pass.failed` for other types. */
export function intsOf(tensor: Tensor): bigint[] {
  const raw = tensor.rawData;
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const list = (width: number, at: (offset: number) => bigint | number): bigint[] =>
    Array.from({ length: raw.length / width }, (_, i) => BigInt(at(i * width)));
  switch (tensor.dataType) {
    case DataType.INT64:
      return raw.length === 0 ? [...tensor.int64Data] : list(8, (o) => view.getBigInt64(o, true));
    case DataType.INT32:
      return raw.length === 0 ? tensor.int32Data.map(BigInt) : list(4, (o) => view.getInt32(o, true));
    case DataType.UINT8:
    case DataType.BOOL:
      return raw.length === 0 ? tensor.int32Data.map(BigInt) : list(1, (o) => view.getUint8(o));
    case DataType.INT8:
      return raw.length === 0 ? tensor.int32Data.map(BigInt) : list(1, (o) => view.getInt8(o));
    default:
      throw new LabError('pass.failed', `tensor ${tensor.name} does not hold integers`);
  }
}
