import { intAttribute, type Node } from '../node.js';
import { dequantizedConstant, quantizedConstant } from './constants.js';
import type { Affine } from './draft.js';
import { operandOf, storageOf } from './draft.js';
import type { Flow, Pending } from './flow.js';
import type { Lowering } from './lowering.js';
import { quantized } from './requantize.js';
import { channelsLast, identityOrder, type View } from './view.js';

interface Parameters {
  readonly scales: ArrayLike<number>;
  readonly zeros?: ArrayLike<number>;
  readonly axis: number;
  readonly type: string;
}

/** Scale and zero point of the Q or DQ at hand; the type is that of the zero point, uint8 without one. */
function parametersOf(l: Lowering, rank: number): Parameters {
  const node = l.node!;
  if (intAttribute(node, 'block_size', 0) !== 0)
    l.refuse('its scales are of blocks: quantize per channel or per tensor');
  const scales = l.constant(1);
  const zeros = l.constant(2);
  if (!scales) return l.refuse('it has no scale');
  if (Array.from(scales.values).some((s) => !(s > 0) || !Number.isFinite(s)))
    return l.refuse('a scale of it is no positive number');
  const axis = intAttribute(node, 'axis', 1);
  return {
    scales: scales.values,
    ...(zeros && { zeros: zeros.values }),
    axis: axis < 0 ? axis + rank : axis,
    type: zeros?.type ?? 'uint8',
  };
}

/** The one scale of an activation, with the zero point of int8. */
function affineOf(l: Lowering, { scales, zeros, type }: Parameters): { affine: Affine; shift: number } {
  if (scales.length !== 1) return l.refuse('an activation has one scale for each channel: quantize it per tensor');
  if (type !== 'int8' && type !== 'uint8') return l.refuse(`its integers are ${type}: quantize to int8 or uint8`);
  const shift = type === 'uint8' ? -128 : 0;
  return { affine: { scale: scales[0]!, zero: (zeros?.[0] ?? 0) + shift }, shift };
}

export function quantizeLinear(l: Lowering): Flow {
  const flow = l.flow(0);
  if (flow.kind === 'shape' || flow.kind === 'quantized') return l.refuse('its input is not float');
  const parameters = parametersOf(l, flow.kind === 'constant' ? flow.dims.length : l.dims(l.node!.input[0]!).length);
  if (flow.kind === 'constant') {
    const { type } = parameters;
    if (type !== 'int8' && type !== 'uint8') return l.refuse(`its integers are ${type}: quantize to int8 or uint8`);
    return quantizedConstant(flow, { ...parameters, type });
  }
  const { affine, shift } = affineOf(l, parameters);
  if (flow.kind === 'pending')
    return { kind: 'quantized', view: flow.finish({ affine, low: flow.low, high: flow.high }), shift };
  const { view, affine: from, map } = flow;
  if (!map && from.scale === affine.scale && from.zero === affine.zero) return { kind: 'quantized', view, shift };
  const of = (q: number): number => {
    const value = Math.fround((q - from.zero) * from.scale);
    return quantized(map ? map(value) : value, affine);
  };
  return { kind: 'quantized', view: l.table(view, of, affine), shift };
}

export function dequantizeLinear(l: Lowering): Flow {
  const flow = l.flow(0);
  if (flow.kind === 'constant') return dequantizedConstant(flow, parametersOf(l, flow.dims.length));
  if (flow.kind !== 'quantized') return l.refuse('its input is not quantized');
  const { scales, zeros } = parametersOf(l, flow.view.dims.length);
  if (scales.length !== 1) return l.refuse('an activation has one scale for each channel: quantize it per tensor');
  return {
    kind: 'real',
    view: flow.view,
    affine: { scale: scales[0]!, zero: (zeros?.[0] ?? 0) + flow.shift },
  };
}

/** A graph input: float ones wait for their QuantizeLinear, integer ones are taken as they are. Throws `plan.unsupported`. */
export function graphInput(l: Lowering, name: string, type: string): Flow {
  const dims = l.dims(name);
  const order = orderOfInput(l, name, dims.length);
  const added = (affine: Affine): View => {
    const view = { storage: storageOf(`input ${name}`, 'int8', dims, affine), dims, order };
    l.inputs.set(name, operandOf(view));
    return view;
  };
  // What the host gives are the model's own integers.
  if (type === 'uint8') return { kind: 'quantized', view: added({ scale: 1, zero: -128 }), shift: -128 };
  if (type === 'int8') return { kind: 'quantized', view: added({ scale: 1, zero: 0 }), shift: 0 };
  if (type !== 'float32') return l.refuse(`input ${name} is ${type}: make it float32, int8 or uint8`);
  let known: { view: View; affine: Affine } | undefined;
  const pending: Pending = l.pending(dims, ({ affine, low, high }) => {
    if (known && (known.affine.scale !== affine.scale || known.affine.zero !== affine.zero))
      return l.refuse(`input ${name} is quantized in two ways: let one QuantizeLinear read it`);
    known ??= { affine, view: added(affine) };
    return l.clipped(known.view, affine, low, high);
  });
  return { ...pending, name };
}

/** Operators whose kernels want channels last, and those that read rows as they are. */
const onWindows = /Conv|Pool/;
const onRows = new Set(['Transpose', 'MatMul', 'Gemm', 'Softmax', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze']);

/**
 * The order in which the host gives an input is ours to choose: that of the first operator that cares, behind what keeps it. A model exported
 * from NHWC begins with a Transpose.
 */
function orderOfInput(l: Lowering, name: string, rank: number): number[] {
  let at: string | undefined = name;
  for (let steps = 0; at !== undefined && steps < 100; steps++) {
    const next: Node | undefined = l.links.consumers.get(at)?.[0]?.node;
    if (next && onWindows.test(next.opType)) return channelsLast(rank);
    if (next && onRows.has(next.opType)) return identityOrder(rank);
    at = next?.output[0];
  }
  return rank === 4 ? channelsLast(rank) : identityOrder(rank);
}
