import { floatAttribute } from '../node.js';
import { sizeOf } from '../sizes.js';
import { operandOf } from './draft.js';
import type { Constant, Flow, Pending, Real } from './flow.js';
import { binaryFunctions, functions } from './functions.js';
import { type Lowering, limits } from './lowering.js';
import { factorOf, factorPair } from './requantize.js';
import { type Side, sideOf } from './sides.js';
import { reshapedView, sameOrder, type View } from './view.js';

/** Each step in float32, as runtimes compute it. */
function mapped({ map, ...rest }: Real, next: (value: number) => number): Real {
  return { ...rest, map: (value) => Math.fround(next(map ? map(value) : value)) };
}

export function unary(l: Lowering): Flow {
  const flow = l.flow(0);
  if (flow.kind !== 'real') return l.refuseFloat(0);
  return mapped(flow, functions[l.node!.opType]!(l.node!));
}

/** Relu and Clip: a clamp in the kernel in front of them, or a table. */
export function clip(l: Lowering): Flow {
  const node = l.node!;
  const flow = l.flow(0);
  const bound = (index: number, name: string, fallback: number): number =>
    node.input[index] ? (l.constant(index)?.values[0] ?? fallback) : floatAttribute(node, name, fallback);
  const [low, high] =
    node.opType === 'Relu'
      ? [0, Number.POSITIVE_INFINITY]
      : [bound(1, 'min', Number.NEGATIVE_INFINITY), bound(2, 'max', Number.POSITIVE_INFINITY)];
  const clipped = (value: number): number => Math.min(high, Math.max(low, value));
  if (flow.kind === 'pending') {
    const { withBias: _, ...rest } = flow;
    return { ...rest, low: clipped(flow.low), high: clipped(flow.high) };
  }
  if (flow.kind === 'real') return mapped(flow, clipped);
  return l.refuseFloat(0);
}

/** The number a constant is in every place; undefined where its values differ. */
function numberOf({ values }: Constant): number | undefined {
  for (let i = 1; i < values.length; i++) if (values[i] !== values[0]) return undefined;
  return values[0];
}

const sameView = (a: View, b: View): boolean =>
  a.storage === b.storage &&
  String(a.dims) === String(b.dims) &&
  sameOrder(a.dims, a.order, b.order) &&
  !a.shuffled &&
  !b.shuffled;

/** Element-wise operators of two inputs. */
export function binary(l: Lowering): Flow {
  const [a, b] = [l.flow(0), l.flow(1)];
  const op = l.node!.opType;
  const of = binaryFunctions[op]!;
  const dims = l.dims(l.node!.output[0]!);
  if (a.kind === 'constant' && b.kind === 'constant')
    return l.refuse('it works on constants alone: apply the pass optimize first');
  for (const [x, c, swapped] of [[a, b, false] as const, [b, a, true] as const]) {
    if (c.kind !== 'constant') continue;
    if (x.kind === 'pending') return withConstant(l, x, c, swapped);
    const number = numberOf(c);
    if (x.kind === 'real' && number !== undefined && sizeOf(x.view.dims) === sizeOf(dims)) {
      const full = { ...x, view: reshapedView(x.view, dims) };
      return mapped(full, swapped ? (v) => of(number, v) : (v) => of(v, number));
    }
  }
  if (a.kind === 'real' && b.kind === 'real' && sameView(a.view, b.view) && a.affine.scale === b.affine.scale) {
    const [f, g] = [a.map ?? ((v: number) => v), b.map ?? ((v: number) => v)];
    return { ...a, map: (value) => Math.fround(of(f(value), g(value))) };
  }
  if (!['Add', 'Sub', 'Mul'].includes(op))
    return l.refuse('kernels have it with one number, or as a function of one tensor: write it as Add, Sub or Mul');
  return twoTensors(l, dims);
}

/** A product's own bias: Add behind MatMul, as Keras and PyTorch write dense layers. */
function withConstant(l: Lowering, pending: Pending, constant: Constant, swapped: boolean): Flow {
  const sign = l.node!.opType === 'Add' ? 1 : l.node!.opType === 'Sub' && !swapped ? -1 : 0;
  const channelAxis = pending.node?.opType === 'Conv' ? 1 : pending.dims.length - 1;
  const front = pending.dims.length - constant.dims.length;
  const along = constant.dims.every(
    (d, i) => d === 1 || (front + i === channelAxis && d === pending.dims[channelAxis]),
  );
  if (
    sign === 0 ||
    !pending.withBias ||
    front < 0 ||
    !along ||
    Number.isFinite(pending.low) ||
    Number.isFinite(pending.high)
  )
    return l.refuseFloat(swapped ? 1 : 0);
  return pending.withBias(
    Float32Array.from(constant.values, (v) => sign * v),
    l.node!,
  );
}

function twoTensors(l: Lowering, dims: readonly number[]): Flow {
  const [a, b] = [sideOf(l, 0, dims.length), sideOf(l, 1, dims.length)];
  const whole = (side: Side): boolean => String(side.dims) === String(dims);
  // The order of what is not broadcast; the other one is usually small.
  const order = [a, b].find((side) => whole(side) && side.order)?.order ?? a.order ?? b.order ?? dims.map((_, i) => i);
  const isMul = l.node!.opType === 'Mul';
  const sign = l.node!.opType === 'Sub' ? -1 : 1;
  return l.pending(dims, (rounding) => {
    const { affine } = rounding;
    const made = l.made(dims, order, affine);
    const zeros = { a_zero: a.affine.zero, b_zero: b.affine.zero, output_zero: affine.zero };
    const inputs = [a.operand(order), b.operand(order)];
    const inPlace = [a, b].flatMap((side, i) => (whole(side) && inputs[i]!.storage.data === undefined ? [i] : []));
    if (isMul) {
      const factor = factorOf(Math.fround(Math.fround(a.affine.scale * b.affine.scale) / affine.scale));
      if (!factor) return l.refuse('its scales are too large against that of the result');
      const factors = { a_multiplier: factor.multiplier, b_multiplier: 0, shift: factor.shift };
      l.emit('mul', inputs, operandOf(made), { ...zeros, ...limits(rounding), ...factors }, { inPlace });
      return made;
    }
    const factors = factorPair(
      Math.fround(a.affine.scale / affine.scale),
      sign * Math.fround(b.affine.scale / affine.scale),
    );
    if (!factors) return l.refuse('its scales are too large against that of the result');
    const { a: a_multiplier, b: b_multiplier, shift } = factors;
    l.emit(
      'add',
      inputs,
      operandOf(made),
      { ...zeros, ...limits(rounding), a_multiplier, b_multiplier, shift },
      { inPlace },
    );
    return made;
  });
}
