import { LabError, type TensorPack } from '@hilltop/contracts';
import { type Graph, type Links, linksOf, readGraph, writeGraph } from '../graph.js';
import { type Layer, layerOf } from '../layers.js';
import { type Node, nodeName } from '../node.js';
import type { PassContext } from '../pass.js';
import { type Choice, chooseZeros } from './choose.js';
import { type Lesson, lessonOf } from './lesson.js';
import { refitRows, searchZeros } from './sparse-rows.js';
import type { PrunableWeight } from './weights.js';

/** One weight and how it is to be pruned. */
export interface PruneJob {
  readonly weight: PrunableWeight;
  readonly choice: Choice;
}

export interface PruneOptions {
  readonly context: PassContext;
  /** Zeros are chosen by what they do to the layer's output, not by size. */
  readonly reconstruct: boolean;
  /** What is left is fitted to the original's outputs. */
  readonly refit: boolean;
  /** Needed for either. */
  readonly calibration?: TensorPack;
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  readonly strength: number;
  /** Names of nodes that are not refitted. */
  readonly untouched: ReadonlySet<string>;
}

export interface PruneResult {
  readonly zeros: number;
  readonly refitted: number;
  /** Nodes whose weights were pruned by size alone although more was asked for. */
  readonly bySize: readonly string[];
}

/** Prunes weights: first those no data can be had for, by size; then layer by layer, each mending what was lost before it. */
export async function pruneLayers(
  graph: Graph,
  jobs: readonly PruneJob[],
  options: PruneOptions,
): Promise<PruneResult> {
  const { calibration, context } = options;
  const original = calibration && readGraph(writeGraph(graph));
  const learned = new Map<Layer['tensor'], PruneJob>();
  if (calibration) {
    const links = linksOf(graph);
    const layers = new Set(graph.body.node.map((node) => unsharedLayer(node, links)?.tensor));
    for (const job of jobs) if (layers.has(job.weight.tensor)) learned.set(job.weight.tensor, job);
  }
  const bySize: string[] = [];
  const pruneBySize = ({ weight, choice }: PruneJob): number => {
    const sizes = weight.matrix;
    for (let k = 0; k < sizes.length; k++) sizes[k] = Math.abs(sizes[k]!);
    const zeros = chooseZeros(sizes, choice);
    weight.clear(zeros);
    return count(zeros);
  };
  let zeros = 0;
  let refitted = 0;
  let done = 0;
  for (const job of jobs) {
    if (learned.has(job.weight.tensor)) continue;
    zeros += pruneBySize(job);
    done++;
    if (calibration) bySize.push(nodeName(job.weight.reader));
  }
  let links = linksOf(graph);
  // Constants are gone from the nodes, and pruning adds none: the list holds while layers change.
  for (const node of learned.size > 0 && calibration ? graph.body.node : []) {
    if (context.signal?.aborted) throw new LabError('run.cancelled', 'cancelled');
    const layer = unsharedLayer(node, links);
    const job = layer && learned.get(layer.tensor);
    // In front of the first zero there is nothing to mend.
    if (
      !layer ||
      !calibration ||
      !original ||
      (!job && (zeros === 0 || !options.refit || options.untouched.has(nodeName(node))))
    )
      continue;
    const lesson = await lessonOf(original, graph, layer, { ...options, calibration });
    if (!lesson) {
      if (!job) continue;
      zeros += pruneBySize(job);
      bySize.push(nodeName(node));
    } else {
      const marked = job ? zerosOf(layer, job, lesson, options.reconstruct) : zerosIn(layer.weight);
      if (job) zeros += count(marked);
      if (options.refit) {
        const weight = fitted(layer, lesson, marked);
        layer.write(graph, weight, lesson.biasOf(weight));
        refitted++;
      } else
        layer.write(
          graph,
          layer.weight.map((w, k) => (marked[k] ? 0 : w)),
        );
    }
    links = linksOf(graph);
    if (job) context.progress(++done / jobs.length);
  }
  return { zeros, refitted, bySize };
}

/** The layer of a node whose weight and bias nobody else reads. */
export function unsharedLayer(node: Node, links: Links): Layer | undefined {
  const alone = (name: string): boolean =>
    links.consumers.get(name)?.length === 1 && !links.captured.has(name) && !links.outputs.has(name);
  const layer = layerOf(node, links);
  return layer && node.input.slice(1).every((name) => name === '' || alone(name)) ? layer : undefined;
}

/** Marks the zeros of a layer, in the order of its outputs. What is zero stays zero. */
function zerosOf(layer: Layer, { choice }: PruneJob, lesson: Lesson, reconstruct: boolean): Uint8Array {
  const fixed = zerosIn(layer.weight);
  if (!reconstruct) {
    return either(
      fixed,
      chooseZeros(
        layer.weight.map((w) => Math.abs(w)),
        choice,
      ),
    );
  }
  const rows = choice.rows / lesson.errors.length;
  const size = rows * choice.columns;
  const marked = new Uint8Array(fixed.length);
  for (const [g, error] of lesson.errors.entries()) {
    // Groups see different inputs, so that their errors cannot be compared: each has its share.
    const share = (n: number): number => Math.floor((n * choice.count) / lesson.errors.length);
    const part = { ...choice, rows, count: share(g + 1) - share(g) };
    marked.set(searchZeros(error, part, fixed.subarray(g * size, (g + 1) * size)), g * size);
  }
  return either(fixed, marked);
}

function fitted(layer: Layer, { errors }: Lesson, zeros: Uint8Array): Float64Array {
  const weight = new Float64Array(layer.weight.length);
  const size = weight.length / errors.length;
  for (const [g, error] of errors.entries())
    weight.set(refitRows(error, zeros.subarray(g * size, (g + 1) * size)), g * size);
  return weight;
}

const zerosIn = (weight: Float64Array): Uint8Array => Uint8Array.from(weight, (w) => (w === 0 ? 1 : 0));
const either = (a: Uint8Array, b: Uint8Array): Uint8Array => a.map((v, k) => v | b[k]!);
const count = (zeros: Uint8Array): number => zeros.reduce((sum, z) => sum + z, 0);
