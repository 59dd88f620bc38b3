import { type GateRow, mulberry32, type ProtocolName } from '@hilltop/contracts';
import { judgeNights } from '@hilltop/server/dist/gates/judge-nights.js';
import type { MeasuredRun } from '@hilltop/server/dist/gates/measured-run.js';

/** Median latencies, ms, of two processes that took turns. */
export interface Round {
  readonly subject: number;
  readonly control: number;
}

export interface GateSession {
  /** The baseline night, nights of the same, and nights in which the subject spins. */
  readonly baseline: readonly Round[];
  readonly equal: ReadonlyArray<readonly Round[]>;
  readonly slower: ReadonlyArray<readonly Round[]>;
}

export const maxRegression = 0.01;
/** Of each inference, really spun away; and the factor put on resampled nights. */
export const spin = 0.03;

/** A night as the lab keeps it: each process a run of one block. */
function runsOf(rounds: readonly Round[], night: string): MeasuredRun[] {
  const run = (latency: number, i: number, control: boolean): MeasuredRun => ({
    id: `run_${night}${control ? 'c' : 's'}${i}`,
    modelId: 'mod_bench0000',
    modelName: 'net',
    recipe: control ? 'fp32' : 'subject',
    settings: { threads: 1, graphLevel: 'all' },
    deviceId: 'dev_bench0000',
    deviceName: 'bench',
    protocol: 'quick' satisfies ProtocolName,
    key: 'quick',
    verdict: 'clean',
    control,
    metrics: { latency_p50_ms: { value: latency, n: 1, unit: 'ms' } },
    basis: { blocks: [{ inferences: 1, values: { latency_p50_ms: latency } }], items: {} },
  });
  return rounds.flatMap(({ subject, control }, i) => [run(subject, i, false), run(control, i, true)]);
}

/** The coordinator's own judgement of a night. */
export function judgeNight(night: readonly Round[], baseline: readonly Round[], seed: number): GateRow {
  const { rows } = judgeNights({
    now: runsOf(night, 'now00000'),
    before: runsOf(baseline, 'before00'),
    metrics: ['latency_p50_ms'],
    maxRegression,
    seed,
  });
  return rows[0]!;
}

const resampled = (rounds: readonly Round[], random: () => number): Round[] =>
  rounds.map(() => rounds[Math.floor(random() * rounds.length)]!);

/** What is said of nights whose rounds are drawn from those of a real equal night, the subject `factor` times slower. */
export function resampledVerdicts(
  { baseline, equal }: GateSession,
  nights: number,
  factor: number,
  seed: number,
): Array<GateRow['verdict']> {
  const random = mulberry32(seed);
  return Array.from({ length: nights }, (_, i) => {
    // The night itself is drawn, then its rounds: what nights differ by stays in.
    const night = equal[Math.floor(random() * equal.length)]!;
    const drawn = resampled(night, random).map(({ subject, control }) => ({ subject: factor * subject, control }));
    return judgeNight(drawn, resampled(baseline, random), seed + i).verdict;
  });
}
