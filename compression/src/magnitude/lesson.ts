import type { TensorPack } from '@hilltop/contracts';
import { type Graph, linksOf } from '../graph.js';
import type { GramStatistic } from '../host-messages.js';
import type { Layer } from '../layers.js';
import { cholesky, solveCholeskyRows } from '../linear-algebra.js';
import type { PassContext } from '../pass.js';
import { besideOriginal, originalName } from '../prune/merge.js';
import { residualOf } from '../prune/recover.js';
import { gramRequestOf, type InputMoments, momentsOf } from '../second-order.js';
import type { RowError } from './sparse-rows.js';

/** What a layer should learn from the original: an error to keep small for each group of its outputs. */
export interface Lesson {
  /** One for each group, in the order of the outputs. */
  readonly errors: readonly RowError[];
  /** The bias that goes with a weight. */
  biasOf(weight: Float64Array): Float64Array;
}

export interface LessonOptions {
  readonly calibration: TensorPack;
  readonly context: PassContext;
  /** Dimensions of the activations. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** Pull towards the weight there is, as a share of the columns' mean variance. */
  readonly strength: number;
}

/**
 * Ridge regression of the original's outputs on the inputs a layer gets in the changed graph, so that each layer also mends what went
 * wrong before it. Where its output is added to another branch, it learns the sum less that branch. Undefined where the layer's
 * windows cannot be read.
 */
export async function lessonOf(
  original: Graph,
  graph: Graph,
  layer: Layer,
  { calibration, context, shapes, strength }: LessonOptions,
): Promise<Lesson | undefined> {
  const request = gramRequestOf(layer, shapes, calibration.items);
  if (!request) return undefined;
  const output = layer.node.output[0]!;
  const joined = residualOf(graph, layer.node, linksOf(graph));
  // A branch that is spread over the sum has no value of its own at each position.
  const sum = joined && String(shapes.get(joined.other)) === String(shapes.get(output)) ? joined : undefined;
  const target = originalName(sum?.output ?? output);
  const channels = Array.from({ length: layer.outputs }, (_, i) => i);
  const [sums] = await context.host.statistics(
    besideOriginal(original, graph, [request.tensor, target, ...(sum ? [sum.other] : [])]),
    calibration,
    [{ ...request, target: { tensor: target, channels, ...(sum && { minus: sum.other }) } }],
    context.signal,
  );
  const moments = sums?.kind === 'gram' ? momentsOf(sums, layer, request.groups) : undefined;
  if (sums?.kind !== 'gram' || !moments || sums.targets !== layer.outputs || !sums.cross.every(Number.isFinite))
    return undefined;
  return lessonFrom(sums, layer, moments, strength);
}

function lessonFrom(sums: GramStatistic, layer: Layer, moments: InputMoments, strength: number): Lesson {
  const { columns, outputs, hasBias } = layer;
  const { groups, mean } = moments;
  const perGroup = outputs / groups;
  const targetMean = sums.targetSums.map((s) => s / sums.rows);
  const errors = Array.from({ length: groups }, (_, g): RowError => {
    const hessian = moments.covariance.slice(g * columns ** 2, (g + 1) * columns ** 2);
    let trace = 0;
    for (let i = 0; i < columns; i++) trace += hessian[i * columns + i]!;
    const added = Math.max(1e-12, (strength * trace) / columns);
    for (let i = 0; i < columns; i++) hessian[i * columns + i] = hessian[i * columns + i]! + added;
    const factor = cholesky(hessian.slice(), columns, added * 1e-3);
    const best = new Float64Array(perGroup * columns);
    for (let r = 0; r < perGroup; r++) {
      const row = best.subarray(r * columns, (r + 1) * columns);
      const o = g * perGroup + r;
      for (let i = 0; i < columns; i++) {
        const product = sums.cross[(g * columns + i) * perGroup + r]! / sums.rows;
        row[i] =
          product - (hasBias ? mean[g * columns + i]! * targetMean[o]! : 0) + added * layer.weight[o * columns + i]!;
      }
    }
    solveCholeskyRows(factor, columns, best);
    return { columns, hessian, best };
  });
  return {
    errors,
    biasOf(weight) {
      if (!hasBias) return layer.bias;
      return targetMean.map((t, o) => {
        const from = Math.floor(o / perGroup) * columns;
        let bias = t;
        for (let i = 0; i < columns; i++) bias -= weight[o * columns + i]! * mean[from + i]!;
        return bias;
      });
    },
  };
}
