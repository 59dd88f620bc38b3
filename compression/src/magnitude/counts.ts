import type { TensorPack } from '@hilltop/contracts';
import { type Graph, linksOf } from '../graph.js';
import type { PassContext } from '../pass.js';
import { gramOfLayer } from '../second-order.js';
import { patternCount, shareZeros } from './choose.js';
import { unsharedLayer } from './prune-layers.js';
import { kthSmallest } from './select.js';
import type { PrunableWeight } from './weights.js';

export interface CountOptions {
  readonly sparsity: number;
  readonly scope: 'layer' | 'channel' | 'global';
  readonly pattern?: { readonly zeros: number; readonly of: number };
  /** Given where damage to the outputs counts instead of size. */
  readonly measured?: {
    readonly calibration: TensorPack;
    readonly shapes: ReadonlyMap<string, readonly number[]>;
    readonly context: PassContext;
  };
}

/** However little a layer counts, this share of its weights stays: an empty layer passes nothing on, which no score of single weights tells. */
const spared = 0.03;

/** How many values of each weight become zero. */
export async function countZeros(
  graph: Graph,
  weights: readonly PrunableWeight[],
  { sparsity, scope, pattern, measured }: CountOptions,
): Promise<number[]> {
  if (pattern) return weights.map((weight) => patternCount(weight, pattern));
  if (scope !== 'global') return weights.map(({ rows, columns }) => Math.round(sparsity * rows * columns));
  // In 32 bits: in 64 they would be twice the model.
  const scores: Float32Array[] = [];
  for (const weight of weights) {
    // Damage is a share of what the whole layer does; size counts relative to the layer's own mean square, so that layers of any gain
    // can be compared.
    const given = measured && (await damage(graph, weight, measured));
    scores.push(spare(given ? Float32Array.from(given) : squares(weight.matrix, measured ? 'share' : 'relative')));
  }
  return shareZeros(scores, Math.round(sparsity * scores.reduce((sum, s) => sum + s.length, 0)));
}

/** Share of the variance of a layer's outputs that each weight makes alone; undefined where it cannot be told. */
async function damage(
  graph: Graph,
  { tensor, matrix, rows, columns }: PrunableWeight,
  { calibration, shapes, context }: NonNullable<CountOptions['measured']>,
): Promise<Float64Array | undefined> {
  const links = linksOf(graph);
  const node = graph.body.node.find((n) => links.constants.get(n.input[1] ?? '') === tensor);
  const layer = node && unsharedLayer(node, links);
  const moments = layer && (await gramOfLayer(graph, layer, shapes, calibration, context));
  if (!moments) return undefined;
  const perGroup = rows / moments.groups;
  const scores = Float64Array.from(matrix, (w, k) => {
    const [g, i] = [Math.floor(k / columns / perGroup), k % columns];
    return w * w * moments.covariance[g * columns ** 2 + i * (columns + 1)]!;
  });
  const total = scores.reduce((sum, s) => sum + s, 0);
  return total > 0 ? scores.map((s) => s / total) : undefined;
}

/** Squares of a weight, in its place: as a share of their sum, or relative to their mean. */
function squares(matrix: Float32Array, to: 'share' | 'relative'): Float32Array {
  let total = 0;
  for (const w of matrix) total += w * w;
  const factor = (to === 'share' ? 1 : matrix.length) / (total || 1);
  for (let k = 0; k < matrix.length; k++) matrix[k] = matrix[k]! * matrix[k]! * factor;
  return matrix;
}

/** Takes the largest scores of a weight out of the comparison, in their place. */
function spare(scores: Float32Array): Float32Array {
  const limit = kthSmallest([scores], Math.ceil(scores.length * (1 - spared)));
  for (let k = 0; k < scores.length; k++) if (scores[k]! > limit) scores[k] = Number.POSITIVE_INFINITY;
  return scores;
}
