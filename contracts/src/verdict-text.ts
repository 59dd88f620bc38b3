import type { Run } from './run.js';
import type { Verdict } from './summary.js';

const signals: Readonly<Record<string, string>> = {
  'schedstat.wait_ratio': 'waited for a core, over the time it ran',
  'psi.cpu_some_ratio': 'some task waited for a core, share of the time',
  steal_ratio: 'taken by the host of this machine, share of the time',
  'latency.spread': 'middle half of the latencies, over the median',
  'latency.drift': 'last third against the first, share of the latency',
  'latency.between_blocks': 'slowest block over the fastest, less 1',
  'latency.modes_gap': 'two levels of latency, gap between them',
  frequency_drop: 'clock under its fastest block, share',
  temperature_over_trip_k: 'hottest reading less the passive trip point, K',
  temperature_drift_c: 'warmest block less the coolest, K',
  throttle_count: 'throttling of a core, times',
  throttle_events: 'throttling told by sensors, times',
  swap_in_pages: 'pages read back from swap',
  'ticks.spread': 'spread of the ticks over all loops',
  'loops.spread': 'spread of the loops, of a board that tells no ticks',
};

/** What a signal of the evidence says, with its unit; one that is not known here is its own name. */
export const signalText = (signal: string): string => signals[signal] ?? signal;

type Repetition = { readonly [K in 'repeatOf' | 'repeatedAs' | 'unstable']?: Run[K] | undefined };

/** What there is to say of a run that was done again, or is one done again: a sentence each, ids as they are. */
export function repetitionText({ repeatOf, repeatedAs, unstable }: Repetition): string[] {
  return [
    ...(repeatOf === undefined ? [] : [`repeats run ${repeatOf}`]),
    ...(repeatedAs === undefined ? [] : [`done again as ${repeatedAs}`]),
    ...(unstable === undefined ? [] : [`unstable: disturbed ${unstable} times`]),
  ];
}

/** `5 clean, 1 disturbed` over runs that have a verdict; repeated ones count as often as they ran. */
export function verdictCounts(runs: readonly Pick<Run, 'verdict'>[]): string {
  return (['clean', 'disturbed', 'invalid'] as const satisfies readonly Verdict['verdict'][])
    .map((verdict) => [runs.filter((run) => run.verdict?.verdict === verdict).length, verdict] as const)
    .filter(([n]) => n > 0)
    .map(([n, verdict]) => `${n} ${verdict}`)
    .join(', ');
}
