/** Tensors as plain typed arrays: casting stored items, random inputs, reading predictions. Pure; used by the child. */
export type TensorData =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** Element types of ONNX Runtime that an input can have here; float16 travels as its bits. */
const arrays: Record<string, new (n: number) => TensorData> = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  uint8: Uint8Array,
  int8: Int8Array,
  bool: Uint8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
};
const storedBytes: Record<string, number> = { float32: 4, uint8: 1, int8: 1, int32: 4, int64: 8, bool: 1 };

export const elementCount = (dims: readonly number[]): number => dims.reduce((product, d) => product * d, 1);

/** Bytes of one element as it is stored in a tensor pack. */
export function storedElementBytes(type: string): number {
  const bytes = storedBytes[type];
  if (bytes === undefined) throw new Error(`a tensor pack holds no ${type}`);
  return bytes;
}

/** A new array for an element type; undefined for one that cannot be fed, such as string. */
export function newTensorData(type: string, elements: number): TensorData | undefined {
  const Type = arrays[type];
  return Type && new Type(elements);
}

/**
 * Casts the stored elements of one item into `out`, which the model takes as `type`; scale and offset apply
 * to floating inputs only, others are fed as stored.
 */
export function castItem(
  bytes: Uint8Array,
  stored: { type: string; scale: number; offset: number },
  type: string,
  out: TensorData,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const floating = type.startsWith('float');
  const plain = !floating || (stored.scale === 1 && stored.offset === 0);
  for (let i = 0; i < out.length; i++) {
    const raw = readStored(view, stored.type, i);
    const value = plain ? raw : raw * stored.scale + stored.offset;
    if (out instanceof BigInt64Array || out instanceof BigUint64Array) out[i] = BigInt(Math.round(value));
    else out[i] = type === 'float16' ? toHalf(value) : value;
  }
}

function readStored(view: DataView, type: string, i: number): number {
  switch (type) {
    case 'float32':
      return view.getFloat32(i * 4, true);
    case 'int8':
      return view.getInt8(i);
    case 'int32':
      return view.getInt32(i * 4, true);
    case 'int64':
      return Number(view.getBigInt64(i * 8, true));
    default:
      return view.getUint8(i);
  }
}

/** Fills an input with seeded random values: floats uniform in [-1, 1), integers 0 or 1 so that they stay valid indices. */
export function fillRandom(out: TensorData, type: string, seed: number): void {
  let state = seed >>> 0;
  for (let i = 0; i < out.length; i++) {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    const unit = ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    if (out instanceof BigInt64Array || out instanceof BigUint64Array) out[i] = unit < 0.5 ? 0n : 1n;
    else if (type === 'float16') out[i] = toHalf(unit * 2 - 1);
    else out[i] = type.startsWith('float') ? unit * 2 - 1 : Math.round(unit);
  }
}

/**
 * Class an output names: the index of its largest value; for one integer, that integer. -1 when there is none,
 * that is, when every value is NaN.
 */
export function predictedClass(data: ArrayLike<number | bigint>, type: string): number {
  if (data.length === 1 && /^u?int/.test(type)) return Number(data[0]);
  let best = -1;
  let highest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < data.length; i++) {
    const value = type === 'float16' && data instanceof Uint16Array ? fromHalf(data[i]!) : Number(data[i]);
    if (value > highest || (best < 0 && value === highest)) {
      highest = value;
      best = i;
    }
  }
  return best;
}

/** Whether a floating output holds nothing but NaN. */
export function allNaN(data: ArrayLike<number | bigint>, type: string): boolean {
  return type.startsWith('float') && data.length > 0 && predictedClass(data, type) < 0;
}

const scratch = new DataView(new ArrayBuffer(4));

/** IEEE 754 binary16 bits of a number, rounded to nearest even. */
export function toHalf(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 112;
  const mantissa = bits & 0x7fffff;
  if (Number.isNaN(value)) return sign | 0x7e00;
  if (exponent >= 31) return sign | 0x7c00;
  // Below the smallest normal, the implicit one is shifted in with the mantissa.
  const shift = exponent <= 0 ? 14 - exponent : 13;
  const full = exponent <= 0 ? mantissa | 0x800000 : mantissa;
  if (shift > 24) return sign;
  const kept = full >>> shift;
  const rest = full & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  const up = rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0;
  return sign | ((exponent <= 0 ? 0 : exponent << 10) + kept + up);
}

export function fromHalf(bits: number): number {
  const exponent = (bits >>> 10) & 31;
  const mantissa = bits & 0x3ff;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 31) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? mantissa * 2 ** -24 : (1 + mantissa / 1024) * 2 ** (exponent - 15));
}
