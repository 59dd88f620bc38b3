import { intAttribute, intsAttribute, stringAttribute } from '../node.js';
import type { Lowering } from './lowering.js';

/** Where a kernel of two axes lies on its input; a layer over one axis has a height of 1. */
export interface PlanWindow {
  readonly kernel_h: number;
  readonly kernel_w: number;
  readonly stride_h: number;
  readonly stride_w: number;
  readonly dilation_h: number;
  readonly dilation_w: number;
  readonly pad_top: number;
  readonly pad_left: number;
}

/** Window of the node at hand over the axes behind the channels of [N, C, ...]. Throws `plan.unsupported`. */
export function windowOf(
  l: Lowering,
  input: readonly number[],
  output: readonly number[],
  kernel: readonly number[],
): PlanWindow & { pad_bottom: number; pad_right: number } {
  const node = l.node!;
  const axes = input.length - 2;
  if (axes < 1 || axes > 2 || kernel.length !== axes)
    return l.refuse(`it works on ${axes} axes, kernels on one or two: reshape its input`);
  const strides = intsAttribute(node, 'strides') ?? new Array<number>(axes).fill(1);
  const dilations = intsAttribute(node, 'dilations') ?? new Array<number>(axes).fill(1);
  const auto = stringAttribute(node, 'auto_pad', 'NOTSET');
  const given = intsAttribute(node, 'pads') ?? new Array<number>(axes * 2).fill(0);
  const begins: number[] = [];
  const ends: number[] = [];
  for (let axis = 0; axis < axes; axis++) {
    const reach = (kernel[axis]! - 1) * dilations[axis]! + 1;
    const all = Math.max(0, (output[axis + 2]! - 1) * strides[axis]! + reach - input[axis + 2]!);
    const before = auto === 'SAME_LOWER' ? Math.ceil(all / 2) : Math.floor(all / 2);
    if (auto.startsWith('SAME')) begins.push(before);
    else begins.push(auto === 'VALID' ? 0 : given[axis]!);
    ends.push(auto.startsWith('SAME') ? all - before : auto === 'VALID' ? 0 : given[axes + axis]!);
  }
  if ([...begins, ...ends].some((pad) => pad < 0)) return l.refuse('its padding is negative');
  const two = (values: readonly number[], fill: number): [number, number] =>
    axes === 1 ? [fill, values[0]!] : [values[0]!, values[1]!];
  const [kernel_h, kernel_w] = two(kernel, 1);
  const [stride_h, stride_w] = two(strides, 1);
  const [dilation_h, dilation_w] = two(dilations, 1);
  const [pad_top, pad_left] = two(begins, 0);
  const [pad_bottom, pad_right] = two(ends, 0);
  const window = { kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left };
  if (Object.values(window).some((v) => v > 0xffff)) return l.refuse('its window is larger than 65535');
  return { ...window, pad_bottom, pad_right };
}

/** Pairs of output and kernel positions that lie inside the input, along one axis. */
export function tapsInside(
  input: number,
  output: number,
  { kernel, stride, dilation, before }: { kernel: number; stride: number; dilation: number; before: number },
): number {
  let taps = 0;
  for (let k = 0; k < kernel; k++) {
    const at = k * dilation - before;
    // Output positions o with 0 <= o stride + at < input.
    const first = Math.max(0, Math.ceil(-at / stride));
    const last = Math.min(output - 1, Math.floor((input - 1 - at) / stride));
    taps += Math.max(0, last - first + 1);
  }
  return taps;
}

/** Smallest size of a kernel attribute, or the whole input for global pools. */
export function kernelOf(l: Lowering, fallback?: readonly number[]): readonly number[] {
  return intsAttribute(l.node!, 'kernel_shape') ?? fallback ?? l.refuse('it has no kernel_shape');
}

export const groupsOf = (l: Lowering): number => intAttribute(l.node!, 'group', 1);
