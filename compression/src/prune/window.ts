import type { Window } from '../host-messages.js';
import { intAttribute, intsAttribute, type Node, stringAttribute } from '../node.js';

/**
 * The window a convolution reads its input of shape `inputDims` through, or the single position of a matrix product;
 * one-dimensional convolutions run along the height. Undefined for three dimensions.
 */
export function windowOf(node: Node, weightDims: readonly number[], inputDims: readonly number[]): Window | undefined {
  if (node.opType !== 'Conv') return { kernel: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1] };
  const rank = weightDims.length - 2;
  if (rank !== 1 && rank !== 2) return undefined;
  const pair = (values: readonly number[] | undefined, fallback: number): [number, number] => [
    values?.[0] ?? fallback,
    rank === 2 ? (values?.[1] ?? fallback) : fallback,
  ];
  const kernel = pair(weightDims.slice(2), 1);
  const strides = pair(intsAttribute(node, 'strides'), 1);
  const dilations = pair(intsAttribute(node, 'dilations'), 1);
  const auto = stringAttribute(node, 'auto_pad', 'NOTSET');
  const size = pair(inputDims.slice(2), 1);
  if (auto === 'SAME_UPPER' || auto === 'SAME_LOWER') {
    const total = [0, 1].map((i) =>
      Math.max(
        0,
        (Math.ceil(size[i]! / strides[i]!) - 1) * strides[i]! + (kernel[i]! - 1) * dilations[i]! + 1 - size[i]!,
      ),
    );
    const before = total.map((t) => (auto === 'SAME_UPPER' ? Math.floor(t / 2) : Math.ceil(t / 2)));
    return {
      kernel,
      strides,
      dilations,
      pads: [before[0]!, before[1]!, total[0]! - before[0]!, total[1]! - before[1]!],
    };
  }
  const pads = (auto === 'VALID' ? undefined : intsAttribute(node, 'pads')) ?? [0, 0, 0, 0];
  const [top, left] = pair(pads, 0);
  const [bottom, right] = pair(pads.slice(rank), 0);
  return { kernel, strides, dilations, pads: [top, left, bottom, right] };
}

/** Whether a node is a convolution of one channel each. */
export const isDepthwise = (node: Node): boolean => node.opType === 'Conv' && intAttribute(node, 'group', 1) > 1;
