import type { Layer } from '../layers.js';
import { groupsOf, type Pair } from './pairs.js';

export interface ScaleOptions {
  /** No channel is scaled by more than this or less than its inverse, all rounds together. */
  readonly limit: number;
  /** Range of each channel of the tensor between a pair. With it the second layer's weights are balanced against that. */
  readonly activations?: (pair: Pair) => Float64Array | undefined;
}

/** Rounds end when no channel's scale moves by more than this share. */
const settled = 1e-3;
const maxRounds = 200;

/**
 * Cross-layer equalization (Nagel et al. 2019, "Data-Free Quantization Through Weight Equalization and Bias Correction",
 * equation 11): the first layer's channel i is divided by s_i = sqrt(r1_i r2_i) / r2_i, the second's multiplied, where r1 and r2 are
 * the largest weights of the channel in both; afterwards both are sqrt(r1_i r2_i). Chains take several rounds. Changes the layers'
 * copies of weight and bias and returns the scales of each pair; dead channels are left alone.
 */
export function equalizeWeights(pairs: readonly Pair[], { limit, activations }: ScaleOptions): Float64Array[] {
  const totals = pairs.map((pair) => new Float64Array(pair.first.outputs).fill(1));
  const apply = (pair: Pair, total: Float64Array, wanted: (channel: number) => number): number => {
    let moved = 0;
    for (let i = 0; i < total.length; i++) {
      const next = Math.min(limit, Math.max(1 / limit, total[i]! * wanted(i)));
      const scale = next / total[i]!;
      if (!Number.isFinite(scale) || scale === 1) continue;
      total[i] = next;
      moved = Math.max(moved, Math.abs(Math.log(scale)));
      multiply(pair.first.weight, rowOf(pair.first, i), 1 / scale);
      pair.first.bias[i] = pair.first.bias[i]! / scale;
      multiply(pair.second.weight, columnsOf(pair, i), scale);
    }
    return moved;
  };
  for (let round = 0; round < maxRounds; round++) {
    let moved = 0;
    pairs.forEach((pair, k) => {
      const given = activations?.(pair);
      if (given) {
        if (round > 0) return;
        const scales = balanced(given, relativeColumns(pair));
        apply(pair, totals[k]!, (i) => scales[i]!);
        return;
      }
      const r1 = (i: number): number => peak(pair.first.weight, rowOf(pair.first, i));
      const r2 = (i: number): number => peak(pair.second.weight, columnsOf(pair, i));
      moved = Math.max(
        moved,
        apply(pair, totals[k]!, (i) => scaleOf(r1(i), r2(i))),
      );
    });
    if (moved < settled) break;
  }
  return totals;
}

/** 1 where a channel is dead on either side. */
function scaleOf(r1: number, r2: number): number {
  return r1 > 0 && r2 > 0 ? Math.sqrt(r1 * r2) / r2 : 1;
}

/** Scales for activations against weights (Xiao et al. 2022, SmoothQuant, with equal shares), 1 on geometric average. */
function balanced(r1: Float64Array, r2: Float64Array): Float64Array {
  const scales = r1.map((r, i) => scaleOf(r, r2[i]!));
  const alive = [...scales.keys()].filter((i) => r1[i]! > 0 && r2[i]! > 0);
  const mean = Math.exp(alive.reduce((sum, i) => sum + Math.log(scales[i]!), 0) / Math.max(1, alive.length));
  return scales.map((s, i) => (r1[i]! > 0 && r2[i]! > 0 ? s / mean : 1));
}

/** Largest weight of each channel that a pair's second layer reads, as a share of the largest in its row: rows have scales of their own. */
function relativeColumns(pair: Pair): Float64Array {
  const { weight, outputs, columns } = pair.second;
  const rows = Float64Array.from({ length: outputs }, (_, o) => peak(weight, rowOf(pair.second, o)));
  return Float64Array.from({ length: pair.first.outputs }, (_, i) => {
    const block = columnsOf(pair, i);
    let largest = 0;
    for (let r = 0; r < block.rows; r++) {
      const start = block.start + r * block.stride;
      largest = Math.max(
        largest,
        peak(weight, { ...block, start, rows: 1 }) / (rows[Math.floor(start / columns)]! || 1),
      );
    }
    return largest;
  });
}

/** The places of one channel in a weight: `rows` runs of `run` values, `stride` apart. */
interface Block {
  readonly start: number;
  readonly stride: number;
  readonly rows: number;
  readonly run: number;
}

/** The weights that make output `channel`. */
const rowOf = ({ columns }: Layer, channel: number): Block => ({
  start: channel * columns,
  stride: columns,
  rows: 1,
  run: columns,
});

/** The second layer's weights that read `channel` of the first: in its group, all rows; a run of columns each. */
function columnsOf({ first, second }: Pair, channel: number): Block {
  const groups = groupsOf(second.node);
  const perGroup = first.outputs / groups;
  const run = second.columns / perGroup;
  const rows = second.outputs / groups;
  const group = Math.floor(channel / perGroup);
  return {
    start: group * rows * second.columns + (channel % perGroup) * run,
    stride: second.columns,
    rows,
    run,
  };
}

function peak(weight: Float64Array, { start, stride, rows, run }: Block): number {
  let largest = 0;
  for (let r = 0; r < rows; r++)
    for (let k = start + r * stride; k < start + r * stride + run; k++)
      largest = Math.max(largest, Math.abs(weight[k]!));
  return largest;
}

function multiply(weight: Float64Array, { start, stride, rows, run }: Block, factor: number): void {
  for (let r = 0; r < rows; r++)
    for (let k = start + r * stride; k < start + r * stride + run; k++) weight[k] = weight[k]! * factor;
}
