import {
  decodeColumn,
  type EnergyBudget,
  earlyStoppingDiscard,
  LabError,
  type MetricId,
  type MetricValue,
  type MetricValues,
  median,
  metrics as metricTable,
  type Observations,
  type Protocol,
  quantileOfSorted,
  type Sensor,
  type SummaryBasis,
  shareInterval,
  type TicksKind,
  type Verdict,
} from '@hilltop/contracts';
import { betweenRunDeviation } from './between-runs.js';
import { boardVerdict, overLoops } from './board.js';
import { type Energy, energyOf } from './energy.js';
import { processInterval, quantileInterval } from './intervals.js';
import { qualityOf } from './quality.js';
import { readingEvidence } from './reading-evidence.js';
import { type BlockEvidence, verdictOf } from './verdict.js';

/** Changes whenever the same observations would give another summary. */
export const summaryVersion = 3;

export interface SummarizeInput {
  /** All batches of the run's counted attempt, in the order of `seq`. */
  readonly batches: readonly Observations[];
  readonly protocol: Protocol;
  readonly deviceType: string;
  /** Known without the device: size_bytes, parameters, macs ... */
  readonly artifactMetrics: MetricValues;
  readonly transferBytes?: number;
  /** Whether the evaluation set has labels: then `accuracy`. */
  readonly labelled: boolean;
  /** Class that fp32 predicted for each item on this device, where it has run: then `agreement`. */
  readonly reference?: Int32Array;
  /** What was read beside the run. */
  readonly sensors?: readonly Sensor[];
  /** Items of one inference; absent: one. */
  readonly batch?: number;
  /** A microcontroller, and what its ticks are; absent ticks: it gives times alone. */
  readonly board?: { readonly ticks?: TicksKind };
}

export interface Summarized {
  readonly key: string;
  readonly metrics: MetricValues;
  readonly verdict: Verdict;
  readonly basis: SummaryBasis;
  readonly energy?: EnergyBudget;
  /** Predicted class by item (-1: none, -2: not evaluated), for `agreement` of later runs. */
  readonly predicted?: Int32Array;
}

interface Block {
  readonly latencies: Float64Array;
  /** Of a microcontroller. */
  readonly ticks: Float64Array;
  readonly board: Record<string, number>;
  /** Of a microcontroller that times a loop as a whole. */
  readonly loop: Record<string, number>;
  readonly process: Record<string, number>;
  readonly memory: Record<string, number>;
  readonly counters: Record<string, number>;
}

/** Metrics with intervals, verdict and basis from raw observations. Throws `summary.no-observations`. */
export function summarize(input: SummarizeInput): Summarized {
  const blocks = collectBlocks(input.batches);
  if (blocks.size === 0) throw new LabError('summary.no-observations', 'the run has no latencies to summarise');
  const list = [...blocks.values()];
  const { board } = input;
  const energy = energyOf({
    batches: input.batches,
    sensors: input.sensors ?? [],
    inferences: new Map([...blocks].map(([number, block]) => [number, inferencesOf(block)])),
  });
  const perBlock = [...blocks].map(([number, block]) => ({
    ...blockValues(block, board?.ticks, input.batch),
    ...energy?.blocks.get(number),
  }));
  const over = board ? overBoardLoops : overProcesses;
  const out: Partial<Record<MetricId, MetricValue>> = { ...input.artifactMetrics };
  const put = (id: MetricId, value: Omit<MetricValue, 'unit'> | undefined): void => {
    if (value) out[id] = { ...value, unit: metricTable[id].unit };
  };

  for (const id of ['latency_p50_ms', 'latency_mean_ms', 'load_ms', 'first_inference_ms', 'throughput_ips'] as const)
    put(id, over(perBlock, id));
  if (board) for (const id of ['cycles', 'instructions', 'arena_bytes'] as const) put(id, over(perBlock, id));
  const pooled = pool(list);
  if (pooled.length >= 64) put('latency_p90_ms', over(perBlock, 'latency_p90_ms'));
  put('latency_p99_ms', p99Of(pooled, perBlock, board ? 0 : betweenRunDeviation));
  if (input.protocol.earlyStopping) put('latency_p90_bound_ms', guaranteed(pooled, input.protocol.earlyStopping));
  for (const id of ['memory_peak_bytes', 'memory_process_peak_bytes', 'memory_load_peak_bytes'] as const)
    put(id, peakOf(perBlock, id));
  put('memory_system_bytes', peakOf(perBlock, 'memory_system_bytes'));
  if (energy) {
    for (const id of ['energy_mj', 'power_mean_w'] as const) put(id, withSystematic(over(perBlock, id), energy));
    put('energy_net_mj', energy.net);
    if (energy.idleW !== undefined) put('power_idle_w', { value: energy.idleW, n: 1 });
  }
  const temperatures = list.map((b) => b.counters.temperature_end_c ?? Number.NaN).filter(Number.isFinite);
  if (temperatures.length > 0) put('temperature_max_c', { value: Math.max(...temperatures), n: temperatures.length });
  if (input.transferBytes !== undefined) put('transfer_bytes', { value: input.transferBytes, n: 1 });

  const quality = qualityOf(input.batches, input);
  for (const [id, right] of Object.entries(quality.right)) {
    put(id as MetricId, { ...shareInterval(right.filter(Boolean).length, right.length), n: right.length });
  }
  const evidence: BlockEvidence[] = [...blocks].map(([block, b]) => ({ block, ...b }));
  return {
    key: [
      input.protocol.name,
      input.protocol.scenario,
      input.deviceType,
      board ? 'board' : 'host',
      // Energies of different scope say different things; a simulated meter's are no measurement at all.
      ...(energy ? [`${energy.budget.simulated ? 'simulated ' : ''}${energy.budget.scope}`] : []),
    ].join(' | '),
    metrics: out,
    verdict: board
      ? boardVerdict([...blocks].map(([block, b]) => ({ block, ...b })))
      : verdictOf(evidence, readingEvidence(input.batches, input.sensors ?? [])),
    basis: {
      blocks: list.map((b, i) => ({ inferences: inferencesOf(b), values: perBlock[i]! })),
      items: { ...quality.bits },
      ...(board && { betweenRuns: 0 }),
    },
    ...(energy && { energy: energy.budget }),
    ...(quality.predicted && { predicted: quality.predicted }),
  };
}

const inferencesOf = ({ latencies, ticks, loop }: Block): number =>
  loop['inferences'] ?? Math.max(latencies.length, ticks.length);

/** The interval of repeated windows, wider by twice what repeating does not take away. */
function withSystematic(value: Value | undefined, { systematic }: Energy): Value | undefined {
  if (!value) return undefined;
  // As factors: the interval is one of logarithms, and nothing takes less than nothing.
  const more = 1 + 2 * systematic;
  return { ...value, low: (value.low ?? value.value) / more, high: (value.high ?? value.value) * more };
}

function collectBlocks(batches: readonly Observations[]): Map<number, Block> {
  const numbers = batches.filter(({ kind }) => kind === 'latency' || kind === 'ticks').map(({ block }) => block);
  const rows = (kind: 'process' | 'memory' | 'evidence' | 'board' | 'loop', block: number): Record<string, number> => {
    const batch = batches.find((b) => b.kind === kind && b.block === block);
    return batch
      ? Object.fromEntries(Object.keys(batch.columns).map((name) => [name, decodeColumn(batch, name)[0]!]))
      : {};
  };
  const column = (kind: 'latency' | 'ticks', name: string, block: number): Float64Array =>
    concat(batches.filter((b) => b.kind === kind && b.block === block).map((b) => decodeColumn(b, name)));
  return new Map(
    [...new Set(numbers)]
      .sort((a, b) => a - b)
      .map((block) => [
        block,
        {
          latencies: column('latency', 'latency_ms', block),
          ticks: column('ticks', 'ticks', block),
          process: rows('process', block),
          memory: rows('memory', block),
          counters: rows('evidence', block),
          board: rows('board', block),
          loop: rows('loop', block),
        },
      ]),
  );
}

function concat(parts: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

const pool = (blocks: readonly Block[]): Float64Array => concat(blocks.map((b) => b.latencies)).sort();

/** One process's values; what is not there is left out. */
function blockValues(
  { latencies, ticks, process, memory, board, loop }: Block,
  kind: TicksKind | undefined,
  batch = 1,
): Record<string, number> {
  const sorted = latencies.slice().sort();
  const at = (name: string): number => process[name] ?? Number.NaN;
  const above = (peak: number): number => Math.max(0, peak - at('rss_baseline_bytes'));
  const measured = loop['inferences'] ?? latencies.length;
  const count = ticks.length > 0 ? median(ticks) : Number.NaN;
  const values: Partial<Record<MetricId, number>> = {
    latency_p50_ms: quantileOfSorted(sorted, 0.5),
    latency_p90_ms: quantileOfSorted(sorted, 0.9),
    latency_p99_ms: quantileOfSorted(sorted, 0.99),
    latency_mean_ms: sorted.reduce((sum, v) => sum + v, 0) / sorted.length,
    throughput_ips: latencies.length > 0 ? (1000 * measured * batch) / at('measured_ms') : Number.NaN,
    load_ms: at('load_ms'),
    first_inference_ms: at('first_inference_ms'),
    memory_process_peak_bytes: at('peak_bytes'),
    memory_peak_bytes: above(at('peak_bytes')),
    memory_system_bytes: memory['system_bytes'] ?? Number.NaN,
    memory_load_peak_bytes: above(at('peak_load_bytes')),
    cycles: kind === 'dwt' || kind === 'systick' ? count : Number.NaN,
    instructions: kind === 'instructions' ? count : Number.NaN,
    arena_bytes: board['arena_bytes'] ?? Number.NaN,
  };
  return Object.fromEntries(Object.entries(values).filter(([, v]) => Number.isFinite(v)));
}

type Value = Omit<MetricValue, 'unit'>;

function overBoardLoops(blocks: readonly Record<string, number>[], id: MetricId): Value | undefined {
  return overLoops(blocks.map((b) => b[id]).filter((v): v is number => v !== undefined));
}

function overProcesses(blocks: readonly Record<string, number>[], id: MetricId): Value | undefined {
  const values = blocks.map((b) => b[id]).filter((v): v is number => v !== undefined);
  if (values.length === 0) return undefined;
  const interval = processInterval(values, betweenRunDeviation);
  return interval ? { ...interval, n: values.length } : { value: values[0]!, n: values.length };
}

/**
 * p99 of all observations; absent below 662 (LoadGen's smallest n for which a p99 can be guaranteed at all).
 * Interval: order statistics, widened to what the processes' own p99 say.
 */
function p99Of(
  pooled: Float64Array,
  blocks: readonly Record<string, number>[],
  betweenRuns: number,
): Value | undefined {
  if (pooled.length < 662) return undefined;
  const within = quantileInterval(pooled, 0.99);
  const between = processInterval(
    blocks.map((b) => b.latency_p99_ms ?? Number.NaN),
    betweenRuns,
  );
  const value = quantileOfSorted(pooled, 0.99);
  const ends = [within, between].filter((i) => i !== undefined);
  if (ends.length === 0) return { value, n: pooled.length };
  return {
    value,
    low: Math.min(value, ...ends.map((i) => i.low)),
    high: Math.max(value, ...ends.map((i) => i.high)),
    n: pooled.length,
  };
}

/** LoadGen's early-stopping estimate: an upper bound of the percentile with the given confidence. */
function guaranteed(
  pooled: Float64Array,
  { percentile, confidence }: { percentile: number; confidence: number },
): Value | undefined {
  const discard = earlyStoppingDiscard(pooled.length, percentile, confidence);
  return discard !== undefined && discard >= 1
    ? { value: pooled[pooled.length - discard]!, n: pooled.length }
    : undefined;
}

/** Peaks do not average: the largest of the processes, with their range. */
function peakOf(blocks: readonly Record<string, number>[], id: MetricId): Value | undefined {
  const values = blocks.map((b) => b[id]).filter((v): v is number => v !== undefined);
  return values.length === 0
    ? undefined
    : { value: Math.max(...values), low: Math.min(...values), high: Math.max(...values), n: values.length };
}
