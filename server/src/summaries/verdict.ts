import { type EvidenceItem, quantileOfSorted, type Verdict } from '@hilltop/contracts';

/** Kernel counters over one block's measuring loop, as the agent took them; NaN = the kernel does not tell. */
export interface BlockEvidence {
  readonly block: number;
  /** Column of `observationColumns.evidence` -> value. */
  readonly counters: Readonly<Record<string, number>>;
  /** Latencies in the order they were taken, ms. */
  readonly latencies: Float64Array;
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
  swap_in_pages: { soft: 0, hard: 0, voids: true },
  throttle_count: { soft: 0, hard: 0, voids: true },
  temperature_drift_c: { soft: 3, hard: 8 },
} as const satisfies Record<string, Limit>;

type Signal = keyof typeof limits;

/** Interquartile range over median of one block. */
export function spread(latencies: ArrayLike<number>): number {
  const sorted = Float64Array.from(latencies).sort();
  return (quantileOfSorted(sorted, 0.75) - quantileOfSorted(sorted, 0.25)) / quantileOfSorted(sorted, 0.5);
}

/** |median of the last third / median of the first third - 1|; 0 for fewer than 30 values. */
export function drift(latencies: Float64Array): number {
  const third = Math.floor(latencies.length / 3);
  if (third < 10) return 0;
  const middle = (part: Float64Array): number => quantileOfSorted(part.slice().sort(), 0.5);
  return Math.abs(middle(latencies.subarray(latencies.length - third)) / middle(latencies.subarray(0, third)) - 1);
}

function judge(signal: Signal, value: number, block?: number): EvidenceItem {
  const limit: Limit = limits[signal];
  const level = value > limit.hard ? 'hard' : value > limit.soft ? 'soft' : 'ok';
  return { signal, value, softLimit: limit.soft, hardLimit: limit.hard, level, ...(block !== undefined && { block }) };
}

function blockItems({ block, counters, latencies }: BlockEvidence): EvidenceItem[] {
  const ratio = (part: string, whole: string, scale = 1): number =>
    ((counters[part] ?? Number.NaN) * scale) / (counters[whole] ?? Number.NaN);
  const values: Record<Exclude<Signal, 'temperature_drift_c'>, number> = {
    'schedstat.wait_ratio': ratio('wait_ns', 'run_ns'),
    'psi.cpu_some_ratio': ratio('psi_cpu_some_us', 'wall_ms', 1e-3),
    steal_ratio: ratio('steal_ticks', 'total_ticks'),
    'latency.spread': spread(latencies),
    'latency.drift': drift(latencies),
    swap_in_pages: counters.swap_in_pages ?? Number.NaN,
    throttle_count: counters.throttle_count ?? Number.NaN,
  };
  return Object.entries(values)
    .filter(([, value]) => Number.isFinite(value))
    .map(([signal, value]) => judge(signal as Signal, value, block));
}

/**
 * Whether a run was left alone: a pure function of its evidence. A run without scheduler statistics and without
 * either PSI or steal is never `clean`: nobody looked. Soft and hard hits make it `disturbed` (shown, marked);
 * swapping or throttling make it `invalid`.
 */
export function verdictOf(blocks: readonly BlockEvidence[]): Verdict {
  const evidence = blocks.flatMap(blockItems);
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
      (e) => `${e.signal} ${e.value.toPrecision(3)} over ${e.level === 'hard' ? e.hardLimit : e.softLimit}`,
    ),
  ];
  return { verdict: voided ? 'invalid' : reasons.length > 0 ? 'disturbed' : 'clean', reasons, evidence };
}
