import type { TensorPack } from '@hilltop/contracts';
import type { Graph } from './graph.js';
import type { GramStatistic, StatisticRequest } from './host-messages.js';
import type { Layer } from './layers.js';
import { cholesky } from './linear-algebra.js';
import { intAttribute } from './node.js';
import type { PassContext } from './pass.js';
import { leadingTo } from './prune/merge.js';
import { windowOf } from './prune/window.js';
import { dimsOf } from './tensor.js';

/** Second moments of what a layer's rows are multiplied with. */
export interface InputMoments {
  /** Values of one row of the layer's weight. */
  readonly columns: number;
  /** Groups of a convolution: the outputs of group g read block g of `covariance`. 1 for other layers. */
  readonly groups: number;
  /**
   * `groups` blocks of `columns` x `columns`: mean products of the values of one window; about their means where the layer has a bias,
   * which then takes up what a changed weight does to the mean.
   */
  readonly covariance: Float64Array;
  /** `groups` x `columns`: mean of each value of a window. */
  readonly mean: Float64Array;
}

/** Rows wanted for each layer: several times the columns of the largest window. */
const wantedRows = 8192;
/** Values of the largest covariance: larger ones need more memory and rows than there are. */
const largest = 2400 ** 2;

/** How to ask the host for the moments of a layer's windows; undefined for windows it cannot read and layers that are too wide. */
export function gramRequestOf(
  { node, tensor, columns }: Layer,
  shapes: ReadonlyMap<string, readonly number[]>,
  items: number,
): Extract<StatisticRequest, { kind: 'gram' }> | undefined {
  const groups = node.opType === 'Conv' ? intAttribute(node, 'group', 1) : 1;
  const input = node.input[0]!;
  const geometry = node.opType === 'Conv' ? windowOf(node, dimsOf(tensor), shapes.get(input) ?? []) : 'last-axis';
  // A Gemm may read its input turned round: its rows are not items then.
  const turned = node.opType === 'Gemm' && intAttribute(node, 'transA', 0) !== 0;
  if (!geometry || turned || groups * columns ** 2 > largest) return undefined;
  return {
    kind: 'gram',
    tensor: input,
    geometry,
    perItem: Math.max(1, Math.ceil(wantedRows / items)),
    centre: true,
    ...(groups > 1 && { groups }),
  };
}

/**
 * Moments of a layer's input windows on calibration data. Undefined where they cannot be had: windows of three dimensions, more than
 * 2,400 columns, inputs whose items cannot be told apart. Throws the codes of Host.
 */
export async function gramOfLayer(
  graph: Graph,
  layer: Layer,
  shapes: ReadonlyMap<string, readonly number[]>,
  calibration: TensorPack,
  context: Pick<PassContext, 'host' | 'signal'>,
): Promise<InputMoments | undefined> {
  const request = gramRequestOf(layer, shapes, calibration.items);
  if (!request) return undefined;
  const [sums] = await context.host.statistics(
    leadingTo(graph, [request.tensor]),
    calibration,
    [request],
    context.signal,
  );
  return sums?.kind === 'gram' ? momentsOf(sums, layer, request.groups) : undefined;
}

/** The moments in a statistic; undefined where its rows are not the layer's, or not finite. */
export function momentsOf(sums: GramStatistic, layer: Layer, groups = 1): InputMoments | undefined {
  const { rows, gram } = sums;
  const { columns, hasBias } = layer;
  if (rows === 0 || sums.columns !== columns * groups) return undefined;
  const mean = sums.sums.map((s) => s / rows);
  const block = columns ** 2;
  const covariance = gram.map((g, k) => {
    if (!hasBias) return g / rows;
    const first = Math.floor(k / block) * columns;
    return g / rows - mean[first + Math.floor((k % block) / columns)]! * mean[first + (k % columns)]!;
  });
  return covariance.every(Number.isFinite) ? { columns, groups, covariance, mean } : undefined;
}

/** Share of the columns' mean variance added to each variance, as in GPTQ: keeps dead columns from taking everything. */
export const defaultDamping = 0.01;

/** The damped covariance H as R R^T with R upper triangular; `rows` holds R^T row by row (lower triangular). */
export interface ColumnFactor {
  readonly columns: number;
  readonly rows: Float64Array;
}

/**
 * Factors a covariance for a sweep. Row k of R^T says how the errors made in columns 0..k-1 are felt in column k, and its diagonal
 * squared is what a unit error in column k costs while all later columns still answer to it: 1 / [H^-1] of what is left.
 */
export function factorColumns(covariance: Float64Array, columns: number, damping = defaultDamping): ColumnFactor {
  let trace = 0;
  for (let i = 0; i < columns; i++) trace += covariance[i * columns + i]!;
  const added = Math.max(1e-12, (damping * trace) / columns);
  // The upper factor is the lower one of the matrix read backwards.
  const last = columns - 1;
  const backwards = new Float64Array(columns * columns);
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j <= i; j++) backwards[i * columns + j] = covariance[(last - i) * columns + last - j]!;
    backwards[i * columns + i] = backwards[i * columns + i]! + added;
  }
  cholesky(backwards, columns, added * 1e-3);
  const rows = new Float64Array(columns * columns);
  for (let k = 0; k < columns; k++)
    for (let j = 0; j <= k; j++) rows[k * columns + j] = backwards[(last - j) * columns + last - k]!;
  return { columns, rows };
}

/**
 * Decides the new values of one column: `values` holds, for each output, the weight that answers best to the errors made so far (not the
 * weight that was given). Returns a new array or changes the given one. `cost`: what a unit error costs, see `factorColumns`.
 */
export type ColumnChange = (column: number, values: Float64Array, cost: number) => Float64Array;

/**
 * The column sweep of Optimal Brain Surgeon as GPTQ and SparseGPT do it (Frantar et al. 2023): goes through the columns in order, lets
 * `change` decide each and lets the columns not yet done make up for the error. `weight`: outputs x columns. Returns the new
 * weight. The error e H e^T of a row is the sum of cost x (returned - values)^2 over its columns.
 */
export function sweepColumns(
  weight: Float64Array,
  { columns, rows }: ColumnFactor,
  change: ColumnChange,
): Float64Array<ArrayBuffer> {
  const outputs = weight.length / columns;
  const made = new Float64Array(weight.length);
  // With e = made - weight, the error is |e R|^2, and its component k holds e_0..e_k alone: taking back what e_0..e_{k-1} did to it is
  // what GPTQ does with the inverse, without one.
  const errors = new Float64Array(weight.length);
  const values = new Float64Array(outputs);
  for (let k = 0; k < columns; k++) {
    const row = rows.subarray(k * columns, k * columns + k + 1);
    const pivot = row[k]!;
    for (let o = 0; o < outputs; o++) values[o] = weight[o * columns + k]! - felt(row, errors, o * columns, k) / pivot;
    const next = change(k, values, pivot * pivot);
    for (let o = 0; o < outputs; o++) {
      made[o * columns + k] = next[o]!;
      errors[o * columns + k] = next[o]! - weight[o * columns + k]!;
    }
  }
  return made;
}

/** Sum of row[j] * errors[from + j] for j < count. The innermost loop: four sums, because one waits for itself. */
function felt(row: Float64Array, errors: Float64Array, from: number, count: number): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  let j = 0;
  for (; j + 3 < count; j += 4) {
    a += row[j]! * errors[from + j]!;
    b += row[j + 1]! * errors[from + j + 1]!;
    c += row[j + 2]! * errors[from + j + 2]!;
    d += row[j + 3]! * errors[from + j + 3]!;
  }
  for (; j < count; j++) a += row[j]! * errors[from + j]!;
  return a + b + c + d;
}

/**
 * Sweeps a whole layer, group by group. `change` also gets the first output its values belong to. Returns the new weight and the bias
 * that keeps the mean of each output (the old one where the layer has none).
 */
export function sweepLayer(
  layer: Pick<Layer, 'outputs' | 'columns' | 'weight' | 'bias' | 'hasBias'>,
  moments: InputMoments,
  change: (column: number, values: Float64Array, cost: number, firstOutput: number) => Float64Array,
  damping = defaultDamping,
): { weight: Float64Array<ArrayBuffer>; bias: Float64Array<ArrayBuffer> } {
  const { outputs, columns } = layer;
  const perGroup = outputs / moments.groups;
  const weight = new Float64Array(outputs * columns);
  for (let g = 0; g < moments.groups; g++) {
    const first = g * perGroup;
    const factor = factorColumns(
      moments.covariance.subarray(g * columns ** 2, (g + 1) * columns ** 2),
      columns,
      damping,
    );
    const part = layer.weight.subarray(first * columns, (first + perGroup) * columns);
    weight.set(
      sweepColumns(part, factor, (k, values, cost) => change(k, values, cost, first)),
      first * columns,
    );
  }
  return { weight, bias: biasFor(layer, moments, weight) };
}

/** The bias with which a changed weight leaves the mean of each output as it was. */
export function biasFor(
  layer: Pick<Layer, 'outputs' | 'columns' | 'weight' | 'bias' | 'hasBias'>,
  { groups, mean }: InputMoments,
  weight: Float64Array,
): Float64Array<ArrayBuffer> {
  const { outputs, columns } = layer;
  const bias = Float64Array.from(layer.bias);
  if (!layer.hasBias) return bias;
  for (let o = 0; o < outputs; o++) {
    const from = Math.floor((o * groups) / outputs) * columns;
    for (let i = 0; i < columns; i++)
      bias[o] = bias[o]! + (layer.weight[o * columns + i]! - weight[o * columns + i]!) * mean[from + i]!;
  }
  return bias;
}
