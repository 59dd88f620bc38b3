import { type EvidenceItem, median, quantileOfSorted, type Verdict } from '@hilltop/contracts';
import { groupDifference, type MemoryRows } from './memory-evidence.js';
import type { ReadingEvidence } from './reading-evidence.js';

/** Kernel counters over one block's measuring loop, as the agent took them; NaN = the kernel does not tell. */
export interface BlockEvidence {
  readonly block: number;
  /** Column of `observationColumns.evidence` -> value. */
  readonly counters: Readonly<Record<string, number>>;
  /** Latencies in the order they were taken, ms. */
  readonly latencies: Float64Array;
  /** Columns of `process` and `memory` -> values, bytes. */
  readonly process?: MemoryRows['process'];
  readonly memory?: MemoryRows['memory'];
}

interface Limit {
  readonly soft: number;
  readonly hard: number;
  /** A hard hit voids the run; otherwise it is disturbed and stays visible. */
  readonly voids?: true;
}

/** Limits of the disturbed-run detector; ratios unless the name says otherwise. Exceeding a limit is a hit. */
export const limits = {
  'schedstat.wait_ratio': { soft: 0.01, hard: 0.05 },
  'psi.cpu_some_ratio': { soft: 0.02, hard: 0.1 },
  steal_ratio: { soft: 0.01, hard: 0.05 },
  'latency.spread': { soft: 0.1, hard: 0.25 },
  'latency.drift': { soft: 0.02, hard: 0.05 },
  // Processes of one run: heat, or somebody else for the length of a block, shows here and in no block alone.
  'latency.between_blocks': { soft: 0.05, hard: 0.15 },
  frequency_drop: { soft: 0.02, hard: 0.05 },
  // Reached is hard: a hair below 0.
  temperature_over_trip_k: { soft: -5, hard: -1e-9 },
  swap_in_pages: { soft: 0, hard: 0, voids: true },
  'memory.swapped_bytes': { soft: 0, hard: 0, voids: true },
  throttle_count: { soft: 0, hard: 0, voids: true },
  throttle_events: { soft: 0, hard: 0, voids: true },
  temperature_drift_c: { soft: 3, hard: 8 },
} as const satisfies Record<string, Limit>;

type Signal = keyof typeof limits;

/** A hair below 0 is 0 to people. */
const limitText = (limit: number): string => String(Number(limit.toFixed(6)) + 0);

/** Interquartile range over median of one block. */
export function spread(latencies: ArrayLike<number>): number {
  const sorted = Float64Array.from(latencies).sort();
  return (quantileOfSorted(sorted, 0.75) - quantileOfSorted(sorted, 0.25)) / quantileOfSorted(sorted, 0.5);
}

/**
 * By how much the median of the last third surely differs from that of the first, relative: |difference| less twice its standard error, so that the noise of
 * few values is no drift; 0 for fewer than 30 values. Standard error of a median: 1.2533 s / sqrt(n), s = IQR / 1.349 within the thirds.
 */
export function drift(latencies: Float64Array): number {
  const third = Math.floor(latencies.length / 3);
  if (third < 10) return 0;
  const parts = [latencies.subarray(0, third), latencies.subarray(latencies.length - third)].map((part) => {
    const sorted = part.slice().sort();
    const centre = quantileOfSorted(sorted, 0.5);
    const deviation = (quantileOfSorted(sorted, 0.75) - quantileOfSorted(sorted, 0.25)) / 1.349;
    return { centre, error: (1.2533 * deviation) / Math.sqrt(third) / centre };
  });
  const [first, last] = parts as [(typeof parts)[number], (typeof parts)[number]];
  return Math.max(0, Math.abs(last.centre / first.centre - 1) - 2 * Math.hypot(first.error, last.error));
}

/**
 * Two modes more than 5 % apart with at least a tenth of the values each: the gap between their medians over the lower one; undefined for one
 * mode, or fewer than 40 values. Looked for at the widest step between neighbours of the sorted values.
 */
export function modesGap(latencies: Float64Array): number | undefined {
  if (latencies.length < 40) return undefined;
  const sorted = latencies.slice().sort();
  const edge = Math.ceil(sorted.length / 10);
  let widest = edge;
  for (let i = edge; i <= sorted.length - edge; i++)
    if (sorted[i]! - sorted[i - 1]! > sorted[widest]! - sorted[widest - 1]!) widest = i;
  const [low, high] = [median(sorted.subarray(0, widest)), median(sorted.subarray(widest))];
  const step = sorted[widest]! - sorted[widest - 1]!;
  // The step has to stand out of what the modes themselves spread, or every distribution would have two.
  return high / low - 1 > 0.05 && step > 0.5 * (high - low) ? high / low - 1 : undefined;
}

function judge(signal: Signal, value: number, block?: number): EvidenceItem {
  const limit: Limit = limits[signal];
  const level = value > limit.hard ? 'hard' : value > limit.soft ? 'soft' : 'ok';
  return { signal, value, softLimit: limit.soft, hardLimit: limit.hard, level, ...(block !== undefined && { block }) };
}

/** Signals of the kernel's counters and the latencies of one block. */
type BlockSignal = Exclude<
  Signal,
  'temperature_drift_c' | 'latency.between_blocks' | 'frequency_drop' | 'temperature_over_trip_k' | 'throttle_events'
>;

function blockItems({ block, counters, latencies, process, memory }: BlockEvidence): EvidenceItem[] {
  const ratio = (part: string, whole: string, scale = 1): number =>
    ((counters[part] ?? Number.NaN) * scale) / (counters[whole] ?? Number.NaN);
  const values: Record<BlockSignal, number> = {
    'schedstat.wait_ratio': ratio('wait_ns', 'run_ns'),
    'psi.cpu_some_ratio': ratio('psi_cpu_some_us', 'wall_ms', 1e-3),
    steal_ratio: ratio('steal_ticks', 'total_ticks'),
    'latency.spread': spread(latencies),
    'latency.drift': drift(latencies),
    swap_in_pages: counters.swap_in_pages ?? Number.NaN,
    'memory.swapped_bytes': memory?.swapped_bytes ?? Number.NaN,
    throttle_count: counters.throttle_count ?? Number.NaN,
  };
  const beside = groupDifference({ ...(process && { process }), ...(memory && { memory }) });
  const gap = modesGap(latencies);
  return [
    ...Object.entries(values)
      .filter(([, value]) => Number.isFinite(value))
      .map(([signal, value]) => judge(signal as Signal, value, block)),
    // Told, not held against a run: two code paths or two kinds of cores may be how it is.
    ...(gap === undefined ? [] : [{ signal: 'latency.modes_gap', value: gap, level: 'ok', block } as const]),
    ...(beside === undefined
      ? []
      : [{ signal: 'memory.group_difference', value: beside, level: 'ok', block } as const]),
  ];
}

/**
 * Whether a run was left alone: a pure function of its evidence. A run without scheduler statistics and without
 * either PSI or steal is never `clean`: nobody looked. Soft and hard hits make it `disturbed` (shown, marked);
 * swapping or throttling make it `invalid`. `readings`: what the sensors beside it say.
 */
export function verdictOf(blocks: readonly BlockEvidence[], readings?: ReadingEvidence): Verdict {
  const evidence = blocks.flatMap(blockItems);
  for (const [block, signals] of readings?.blocks ?? [])
    for (const [signal, value] of Object.entries(signals)) evidence.push(judge(signal as Signal, value, block));
  if (readings?.throttleEvents !== undefined) evidence.push(judge('throttle_events', readings.throttleEvents));
  const medians = blocks.filter((b) => b.latencies.length > 0).map((b) => median(b.latencies));
  if (medians.length > 1)
    evidence.push(judge('latency.between_blocks', Math.max(...medians) / Math.min(...medians) - 1));
  const temperatures = blocks.map((b) => b.counters.temperature_end_c ?? Number.NaN).filter(Number.isFinite);
  if (temperatures.length > 1)
    evidence.push(judge('temperature_drift_c', Math.max(...temperatures) - Math.min(...temperatures)));

  const has = (signal: Signal): boolean =>
    blocks.length > 0 && blocks.every((b) => evidence.some((e) => e.signal === signal && e.block === b.block));
  const missing = [
    ...(has('schedstat.wait_ratio') ? [] : ['no scheduler statistics']),
    ...(has('psi.cpu_some_ratio') || has('steal_ratio') ? [] : ['no PSI and no steal time']),
  ];
  const hits = evidence.filter((e) => e.level !== 'ok');
  const voided = hits.some((e) => e.level === 'hard' && (limits[e.signal as Signal] as Limit).voids);
  const worst = new Map<string, EvidenceItem>();
  for (const hit of hits) if (hit.value > (worst.get(hit.signal)?.value ?? -Infinity)) worst.set(hit.signal, hit);
  const reasons = [
    ...missing,
    ...[...worst.values()].map(
      (e) =>
        `${e.signal} ${e.value.toPrecision(3)} over ${limitText((e.level === 'hard' ? e.hardLimit : e.softLimit)!)}`,
    ),
  ];
  return { verdict: voided ? 'invalid' : reasons.length > 0 ? 'disturbed' : 'clean', reasons, evidence };
}
