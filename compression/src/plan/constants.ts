import type { Node, Tensor } from '../node.js';
import { constantOf } from '../node.js';
import { elementTypes } from '../onnx-schema.js';
import { roundEven } from '../quantize/integers.js';
import { sizeOf } from '../sizes.js';
import { DataType, dimsOf, floatsOf, intsOf } from '../tensor.js';
import type { Constant, ConstantIntegers } from './flow.js';
import type { Lowering } from './lowering.js';
import { rowIndices, transposedView } from './view.js';

/** A constant of the model; undefined for types that take no part in a plan, such as strings. */
export function readConstant(tensor: Tensor): Constant | undefined {
  const values = valuesOf(tensor);
  const type = elementTypes[tensor.dataType]?.name;
  return values && type ? { kind: 'constant', type, dims: dimsOf(tensor), values } : undefined;
}

function valuesOf(tensor: Tensor): ArrayLike<number> | undefined {
  const raw = tensor.rawData;
  // No BigInt for each weight.
  if (raw.length > 0 && tensor.dataType === DataType.INT8) return Int8Array.from(raw);
  if (raw.length > 0 && tensor.dataType === DataType.UINT8) return Uint8Array.from(raw);
  const integer = [DataType.INT8, DataType.UINT8, DataType.INT32, DataType.INT64, DataType.BOOL] as number[];
  return integer.includes(tensor.dataType) ? Float64Array.from(intsOf(tensor), Number) : floatsOf(tensor);
}

/** The constant a Constant node holds in any of its forms. */
export function constantOfNode(node: Node): Constant | undefined {
  const tensor = constantOf(node);
  if (tensor) return readConstant(tensor);
  for (const a of node.attribute) {
    if (a.name === 'value_float') return { kind: 'constant', type: 'float32', dims: [], values: [a.f] };
    if (a.name === 'value_int') return { kind: 'constant', type: 'int64', dims: [], values: [Number(a.i)] };
    if (a.name === 'value_floats')
      return { kind: 'constant', type: 'float32', dims: [a.floats.length], values: a.floats };
    if (a.name === 'value_ints')
      return { kind: 'constant', type: 'int64', dims: [a.ints.length], values: a.ints.map(Number) };
  }
  return undefined;
}

/** Index of the scale of each value, for a shape whose slices along `axis` have one each, or one for all. */
function scaleIndex(dims: readonly number[], axis: number, scales: number): (i: number) => number {
  if (scales === 1) return () => 0;
  const inner = sizeOf(dims.slice(axis + 1));
  return (i) => Math.floor(i / inner) % scales;
}

/** The integers of a constant as DequantizeLinear makes them float. */
export function dequantizedConstant(
  { dims, values, type }: Constant,
  by: Pick<ConstantIntegers, 'scales' | 'zeros' | 'axis'>,
): Constant {
  const scale = scaleIndex(dims, by.axis, by.scales.length);
  const floats = Float32Array.from(values, (q, i) => (q - (by.zeros?.[scale(i)] ?? 0)) * by.scales[scale(i)]!);
  return { kind: 'constant', type: 'float32', dims, values: floats, integers: { ...by, type, values } };
}

/** A float constant as QuantizeLinear makes it integer. */
export function quantizedConstant(
  { dims, values }: Constant,
  by: Pick<ConstantIntegers, 'scales' | 'zeros' | 'axis'> & { readonly type: 'int8' | 'uint8' },
): Constant {
  const scale = scaleIndex(dims, by.axis, by.scales.length);
  const [low, high] = by.type === 'int8' ? [-128, 127] : [0, 255];
  const integers = Float64Array.from(values, (v, i) => {
    const steps = roundEven(Math.fround(v / by.scales[scale(i)]!)) + (by.zeros?.[scale(i)] ?? 0);
    return Math.min(high, Math.max(low, steps));
  });
  return { kind: 'constant', type: by.type, dims, values: integers };
}

export function transposedConstant(constant: Constant, perm: readonly number[]): Constant {
  const moved = (values: ArrayLike<number>): Float64Array => permuted(values, constant.dims, perm);
  const { integers } = constant;
  return {
    ...constant,
    dims: perm.map((axis) => constant.dims[axis]!),
    values: moved(constant.values),
    ...(integers && {
      integers: { ...integers, values: moved(integers.values), axis: Math.max(0, perm.indexOf(integers.axis)) },
    }),
  };
}

/** Values in the order of a transposed shape. */
export function permuted(values: ArrayLike<number>, dims: readonly number[], perm: readonly number[]): Float64Array {
  const storage = { name: '', bytes: 0, type: 'int8' as const };
  const { dims: shape, order } = transposedView({ storage, dims, order: perm.map((_, i) => i) }, perm);
  // The values lie in `order`; place p of memory holds element indices[p] of the transposed tensor.
  const indices = rowIndices({ storage, dims: shape, order });
  const moved = new Float64Array(values.length);
  indices.forEach((to, from) => {
    moved[to] = values[from]!;
  });
  return moved;
}

/** Other dims for the same values; integers with a scale for each slice survive where their axis does. */
export function reshapedConstant(constant: Constant, dims: readonly number[]): Constant {
  const { integers, ...plain } = constant;
  if (!integers) return { ...plain, dims };
  const { axis } = integers;
  const inner = sizeOf(constant.dims.slice(axis + 1));
  const kept = dims.findIndex((d, i) => d === constant.dims[axis] && sizeOf(dims.slice(i + 1)) === inner);
  if (integers.scales.length > 1 && kept < 0) return { ...plain, dims };
  return { ...plain, dims, integers: { ...integers, axis: Math.max(0, kept) } };
}

/** Int8 weights with the zero point 0 and one scale for each of `outputs` along `axis`. Throws `plan.unsupported`. */
export function weightOf(
  l: Lowering,
  index: number,
  axis: number,
): { values: ArrayLike<number>; dims: readonly number[]; scales: Float32Array } {
  const constant = l.constant(index);
  const integers = constant?.integers;
  if (!constant || !integers) return l.refuse('its weight is float: quantize it (recipe int8-static)');
  const { type, values, scales, zeros } = integers;
  const outputs = constant.dims[axis]!;
  if (type !== 'int8' && type !== 'uint8') return l.refuse(`its weight is ${type}: quantize it to 8 bits`);
  const offset = type === 'uint8' ? 128 : 0;
  for (let i = 0; i < Math.max(1, zeros?.length ?? 1); i++)
    if ((zeros?.[i] ?? 0) !== offset)
      return l.refuse('its weight has a zero point that is not the middle: quantize weights symmetrically');
  if (scales.length > 1 && (integers.axis !== axis || scales.length !== outputs))
    return l.refuse(
      `its weight has scales along axis ${integers.axis}, kernels take one for each output: quantize it per channel or per tensor`,
    );
  return {
    values: offset === 0 ? values : Float64Array.from(values, (v) => v - offset),
    dims: constant.dims,
    scales: Float32Array.from({ length: outputs }, (_, i) => scales[scales.length > 1 ? i : 0]!),
  };
}

/** The bias as integers in steps of each output's scale; undefined where the node has none. Throws `plan.unsupported`. */
export function biasOf(l: Lowering, index: number, steps: Float32Array): Float64Array | undefined {
  const constant = l.constant(index);
  if (!constant) return undefined;
  const { values, integers } = constant;
  if (values.length !== steps.length && values.length !== 1)
    return l.refuse(`its bias has ${values.length} values for ${steps.length} outputs`);
  return Float64Array.from(steps, (step, i) => {
    const at = values.length === 1 ? 0 : i;
    const scale = integers?.type === 'int32' ? integers.scales[integers.scales.length === 1 ? 0 : at]! : 0;
    // Integers are used as they are where they are in these steps, as runtimes do.
    if (integers && Math.abs(scale / step - 1) < 1e-5) return integers.values[at]! - (integers.zeros?.[at] ?? 0);
    return roundEven(Math.fround(values[at]! / step));
  });
}
