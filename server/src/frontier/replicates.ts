import {
  type MetricId,
  type MetricRow,
  metrics as metricTable,
  normal,
  normalQuantile975,
  type Objective,
} from '@hilltop/contracts';
import { betweenRunDeviation } from '../summaries/between-runs.js';
import { mean, studentQuantile975 } from '../summaries/intervals.js';
import { itemsOf, unpackBits } from '../summaries/item-bits.js';
import { type Candidate, objectiveValues } from './candidate.js';
import { minimised } from './dominance.js';

/** Draws joint replicates: `next()` fills one minimised objective vector for each candidate. */
export interface ReplicateSource {
  next(): Float64Array[];
}

/**
 * Latency and memory resample a run's processes (all its metrics by the same draw, for they are correlated);
 * quality resamples items, the same ones for every candidate (paired); sizes are what they are.
 * Every candidate must have every objective.
 */
export function replicateSource(
  candidates: readonly Candidate[],
  objectives: readonly Objective[],
  random: () => number,
): ReplicateSource {
  const draws = candidates.map((candidate) => objectives.map((objective) => drawOf(candidate, objective.metric)));
  const processes = candidates.map((c) => c.basis.blocks.length);
  const itemCounts = [...new Set(draws.flat().flatMap((d) => (d.kind === 'items' ? [d.of] : [])))];
  return {
    next() {
      const weights = new Map(itemCounts.map((n) => [n, itemWeights(n, random)]));
      return draws.map((row, c) => {
        const k = processes[c]!;
        const picked = Array.from({ length: k }, () => Math.floor(random() * k));
        const betweenRuns = Math.exp((candidates[c]!.basis.betweenRuns ?? betweenRunDeviation) * normal(random));
        const values = row.map((draw) => {
          // Energy may be missing in some processes: those that have it are drawn by themselves.
          const own = draw.kind === 'processes' ? draw.deviations.length : k;
          const indices = own === k ? picked : Array.from({ length: own }, () => Math.floor(random() * own));
          return drawn(draw, indices, betweenRuns, weights);
        });
        return Float64Array.from(minimised(values, objectives));
      });
    },
  };
}

type Draw =
  | { kind: 'constant'; value: number }
  /** `items`: which of `of` items these are; absent: all of them, in order. */
  | { kind: 'items'; right: Uint8Array; of: number; items?: Uint32Array }
  | { kind: 'processes'; value: number; deviations: number[]; scale: number };

/** One replicate of one objective. */
function drawn(
  draw: Draw,
  picked: readonly number[],
  betweenRuns: number,
  weights: ReadonlyMap<number, Uint16Array>,
): number {
  switch (draw.kind) {
    case 'constant':
      return draw.value;
    case 'items':
      return weightedShare(draw, weights.get(draw.of)!);
    case 'processes':
      return draw.value * Math.exp(draw.scale * mean(picked.map((p) => draw.deviations[p]!))) * betweenRuns;
  }
}

function drawOf(candidate: Candidate, metric: MetricId): Draw {
  const value = candidate.metrics[metric]!.value;
  const row: MetricRow = metricTable[metric];
  if (row.source === 'quality') {
    const items = candidate.basis.items[metric];
    return items ? { kind: 'items', right: unpackBits(items), ...itemsOf(items) } : { kind: 'constant', value };
  }
  if (row.source !== 'latency' && row.source !== 'sensor') return { kind: 'constant', value };
  const values = candidate.basis.blocks
    .map((b) => b.values[metric])
    .filter((v): v is number => v !== undefined && v > 0);
  const k = values.length;
  if (k < 2) return { kind: 'constant', value };
  const logs = values.map(Math.log);
  const centre = mean(logs);
  // Few processes resample too narrowly: widened so that 95 % of the replicates fill Student's interval.
  const scale = Math.sqrt(k / (k - 1)) * (studentQuantile975(k - 1) / normalQuantile975);
  return { kind: 'processes', value, deviations: logs.map((l) => l - centre), scale };
}

/** How often each of n items is drawn in a resample of n. */
function itemWeights(n: number, random: () => number): Uint16Array {
  const weights = new Uint16Array(n);
  for (let i = 0; i < n; i++) weights[Math.floor(random() * n)]! += 1;
  return weights;
}

/** A subset is resampled by the same draw of the whole set: paired with it, and with any other subset, item by item. */
function weightedShare(
  { right, items }: { readonly right: Uint8Array; readonly items?: Uint32Array },
  weights: Uint16Array,
): number {
  let [sum, drawnItems] = [0, 0];
  for (let i = 0; i < right.length; i++) {
    const weight = weights[items ? items[i]! : i]!;
    sum += right[i]! * weight;
    drawnItems += weight;
  }
  return drawnItems === 0 ? 0 : sum / drawnItems;
}

/** Values as measured, minimised, for the median frontier and the volume. */
export function measuredVector(candidate: Candidate, objectives: readonly Objective[]): number[] | undefined {
  const values = objectiveValues(candidate, objectives);
  return values && minimised(values, objectives);
}
