import { intAttribute, intsAttribute } from '../node.js';
import { type Affine, operandOf } from './draft.js';
import type { Flow } from './flow.js';
import { moved } from './lower-moves.js';
import { type Lowering, limits } from './lowering.js';
import { factorOf } from './requantize.js';
import { channelsLast, reshapedView, transposedView, type View } from './view.js';
import { kernelOf, type PlanWindow, windowOf } from './window.js';

/** Maxima are those of the integers: on whatever scale the values are, now or later. */
export function maxPool(l: Lowering): Flow {
  const node = l.node!;
  if (node.output[1]) return l.refuse('its second output, the places of the maxima, has no kernel: leave it out');
  const [from, dims] = [l.dims(node.input[0]!), l.dims(node.output[0]!)];
  const window = windowOf(l, from, dims, node.opType === 'GlobalMaxPool' ? from.slice(2) : kernelOf(l));
  const flow = l.flow(0);
  if (flow.kind === 'real' && flow.map) return l.refuseFloat(0);
  const order = channelsLast(dims.length);
  return moved(l, dims, (view) => {
    const input = l.operand(view, order);
    const affine = view.storage.affine!;
    const made = l.made(dims, order, affine);
    const zeros = { input_zero: affine.zero, output_zero: affine.zero };
    l.emit('max-pool', [input], operandOf(made), { ...undilated(l, window), ...zeros, min: -128, max: 127 });
    return made;
  });
}

function undilated(l: Lowering, { dilation_h, dilation_w, ...rest }: PlanWindow) {
  if (dilation_h !== 1 || dilation_w !== 1) return l.refuse('its window has holes: export it without dilations');
  const { kernel_h, kernel_w, stride_h, stride_w, pad_top, pad_left } = rest;
  return { kernel_h, kernel_w, stride_h, stride_w, pad_top, pad_left };
}

export function averagePool(l: Lowering): Flow {
  const node = l.node!;
  const { view, affine } = l.real(0);
  const dims = l.dims(node.output[0]!);
  const window = windowOf(l, view.dims, dims, kernelOf(l));
  const padded = [window.pad_top, window.pad_left, window.pad_bottom, window.pad_right].some((p) => p > 0);
  const counted = intAttribute(node, 'count_include_pad', 0) !== 0;
  // With ceil_mode the last window may reach over the padding.
  const [h, w] = dims.length === 3 ? [1, view.dims[2]!] : [view.dims[2]!, view.dims[3]!];
  const [outH, outW] = dims.length === 3 ? [1, dims[2]!] : [dims[2]!, dims[3]!];
  const over =
    (outH - 1) * window.stride_h + window.kernel_h > h + window.pad_top + window.pad_bottom ||
    (outW - 1) * window.stride_w + window.kernel_w > w + window.pad_left + window.pad_right;
  if (counted && over)
    return l.refuse('it counts padding (count_include_pad) and rounds up (ceil_mode): leave one of the two out');
  return average(l, { view, affine, dims, window: undilated(l, window), byTaps: over || (padded && !counted) });
}

export function globalAveragePool(l: Lowering): Flow {
  const { view, affine } = l.real(0);
  const dims = l.dims(l.node!.output[0]!);
  const window = windowOf(l, view.dims, dims, view.dims.slice(2));
  return average(l, { view, affine, dims, window: undilated(l, window), byTaps: false });
}

/** The mean over all axes but batch and one other is a global average. */
export function reduceMean(l: Lowering): Flow {
  const { view, affine } = l.real(0);
  const rank = view.dims.length;
  const axes = (intsAttribute(l.node!, 'axes') ?? l.integers(1) ?? []).map((axis) => (axis < 0 ? axis + rank : axis));
  const kept = view.dims.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  if (rank < 3 || rank > 4 || kept.length !== 2 || kept[0] !== 0)
    return l.refuse('it averages over other axes than all but the batch and one: use GlobalAveragePool');
  const moved = transposedView(l.settled(view), [0, kept[1]!, ...axes]);
  const inner = [1, moved.dims[1]!, ...axes.map(() => 1)];
  const pooled = average(l, {
    view: moved,
    affine,
    dims: inner,
    window: undilated(l, windowOfWhole(moved.dims)),
    byTaps: false,
  });
  const dims = l.dims(l.node!.output[0]!);
  return { ...pooled, dims, finish: (rounding) => reshapedView(pooled.finish(rounding), dims) };
}

function windowOfWhole(dims: readonly number[]): PlanWindow {
  const [kernel_h, kernel_w] = dims.length === 3 ? [1, dims[2]!] : [dims[2]!, dims[3]!];
  const rest = { stride_h: 1, stride_w: 1, dilation_h: 1, dilation_w: 1, pad_top: 0, pad_left: 0 };
  return { kernel_h, kernel_w, ...rest };
}

interface Average {
  readonly view: View;
  readonly affine: Affine;
  readonly dims: readonly number[];
  readonly window: Omit<PlanWindow, 'dilation_h' | 'dilation_w'>;
  /** Windows divide by how many of their places lie inside the input. */
  readonly byTaps: boolean;
}

function average(l: Lowering, { view, affine, dims, window, byTaps }: Average) {
  const order = channelsLast(dims.length);
  const most = window.kernel_h * window.kernel_w;
  if (most > 2 ** 20) return l.refuse(`its window has ${most} places`);
  return l.pending(dims, (rounding) => {
    const input = l.operand(view, order);
    const counts = byTaps ? Array.from({ length: most }, (_, i) => i + 1) : [most];
    const scales = Int32Array.from(
      counts.flatMap((count) => {
        const factor = factorOf(Math.fround(affine.scale / Math.fround(rounding.affine.scale * count)));
        return factor
          ? [factor.multiplier, factor.shift]
          : l.refuse('its scale is too large against that of the result');
      }),
    );
    const made = l.made(dims, order, rounding.affine);
    l.emit(
      'average-pool',
      [input],
      operandOf(made),
      { ...window, input_zero: affine.zero, output_zero: rounding.affine.zero, ...limits(rounding) },
      { scales },
    );
    return made;
  });
}
