import {
  type CompiledPlan,
  type EvidenceItem,
  type Interval,
  type MetricValue,
  type MetricValues,
  median,
  metrics as metricTable,
  type Verdict,
} from '@hilltop/contracts';
import { processInterval } from './intervals.js';

/** One loop of a microcontroller: what its counter said for each inference, and the same in ms where it counts time. */
export interface Loop {
  readonly block: number;
  readonly ticks: ArrayLike<number>;
  readonly latencies: ArrayLike<number>;
}

/**
 * A count with interrupts masked has nothing to scatter for but memory and caches: 0.1 % is what flash wait states leave, 1 % is more than
 * they explain. Times of a text protocol come through the line: a loop of it is as good as its agreement with the others.
 */
export const boardLimits = {
  'ticks.spread': { soft: 0.001, hard: 0.01 },
  'loops.spread': { soft: 0.01, hard: 0.05 },
} as const;

/** Loops that must agree where nothing but their times is known. */
const fewestLoops = 3;

/** (largest - smallest) / median. */
export function range(values: ArrayLike<number>): number {
  const list = Float64Array.from(values).sort();
  return (list.at(-1)! - list[0]!) / median(list);
}

/**
 * Whether a microcontroller's run was left alone. There is no scheduler to ask: its evidence is how its ticks spread over all
 * inferences of all loops; without ticks, how its loops differ.
 */
export function boardVerdict(loops: readonly Loop[]): Verdict {
  const ticks = loops.flatMap((loop) => Array.from(loop.ticks));
  const signal = ticks.length > 0 ? 'ticks.spread' : 'loops.spread';
  const value = range(ticks.length > 0 ? ticks : loops.map((loop) => median(loop.latencies)));
  const { soft, hard } = boardLimits[signal];
  const level = value > hard ? 'hard' : value > soft ? 'soft' : 'ok';
  const evidence: EvidenceItem[] = [{ signal, value, softLimit: soft, hardLimit: hard, level }];
  const reasons = [
    ...(ticks.length === 0 && loops.length < fewestLoops ? [`no ticks and fewer than ${fewestLoops} loops`] : []),
    ...(level === 'ok' ? [] : [`${signal} ${value.toPrecision(3)} over ${level === 'hard' ? hard : soft}`]),
  ];
  return { verdict: reasons.length > 0 ? 'disturbed' : 'clean', reasons, evidence };
}

/**
 * Median of the loops, as MLPerf Tiny has it, with Student's interval on the logarithms. Another run of the same counts the same:
 * nothing is added for it. Equal loops give an interval of one point; one loop none.
 */
export function overLoops(values: readonly number[]): Omit<MetricValue, 'unit'> | undefined {
  if (values.length === 0) return undefined;
  const value = median(values);
  const interval: Interval | undefined =
    new Set(values).size === 1 && values.length > 1 ? { value, low: value, high: value } : processInterval(values);
  if (!interval) return { value, n: values.length };
  return { value, low: Math.min(value, interval.low), high: Math.max(value, interval.high), n: values.length };
}

/** What is known of a variant without the board: its plan is what is stored there, and what compression tools would make of the model is not. */
export function boardArtifactMetrics(known: MetricValues, planBytes: number, plan: CompiledPlan | null): MetricValues {
  const { size_compressed_bytes: _packed, activation_peak_bytes: _planned, ...rest } = known;
  const exact = (id: 'size_bytes' | 'macs' | 'arena_bytes', value: number) => ({
    [id]: { value, n: 1, unit: metricTable[id].unit },
  });
  return {
    ...rest,
    ...exact('size_bytes', planBytes),
    ...(plan && { ...exact('macs', plan.macs), ...exact('arena_bytes', plan.arenaBytes) }),
  };
}
