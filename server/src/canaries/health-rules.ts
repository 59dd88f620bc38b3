import type { HealthState, RunError, Verdict } from '@hilltop/contracts';

/** How much slower than it used to be a device may be. */
export const slowFactor = 1.2;
/** Clean checks before a median says something. */
const leastPast = 3;
/** Checks that the median is of. */
export const pastChecks = 15;
/** Runs that fail in a row, checks that go wrong in a row: evidence enough. */
export const failuresToQuarantine = 3;
export const badChecksToQuarantine = 2;
/** Clean checks in a row that bring a device back. */
export const cleanChecksToReturn = 2;
/** So long a good check stands for the health of a device. */
export const checkValidMs = 12 * 3600_000;

/** A check, as the rules need it; lists are newest first. */
export interface Check {
  readonly state: HealthState;
  readonly healthy: boolean | null;
  readonly verdict: Verdict['verdict'] | null;
  readonly latencyMs: number | null;
}

/** A try of a run on the device, newest first. */
export interface Try {
  readonly runId: string;
  readonly state: string;
  readonly error: Pick<RunError, 'code' | 'cause'> | null;
}

/** Middle of the clean checks; undefined while there are too few. */
export function medianOf(past: readonly Check[]): number | undefined {
  const clean = past.flatMap(({ state, healthy, verdict, latencyMs }) =>
    state === 'succeeded' && healthy === true && verdict === 'clean' && latencyMs !== null ? [latencyMs] : [],
  );
  if (clean.length < leastPast) return undefined;
  const sorted = clean.slice(0, pastChecks).sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** What a canary run that has ended says, beside the checks before it. */
export function judgeCheck(
  run: { readonly state: string; readonly error: RunError | null; readonly latencyMs: number | null },
  past: readonly Check[],
): { state: HealthState; healthy: boolean | null; medianMs: number | null } {
  const median = medianOf(past);
  const medianMs = median ?? null;
  if (run.state === 'succeeded') {
    const slow = median !== undefined && run.latencyMs !== null && run.latencyMs > slowFactor * median;
    return { state: 'succeeded', healthy: !slow, medianMs };
  }
  if (run.state === 'cancelled') return { state: 'cancelled', healthy: null, medianMs };
  // Whose fault it is when the canary is refused is known: it is always the same net.
  const refused = run.error?.cause === 'user';
  return { state: refused ? 'unsupported' : 'failed', healthy: refused ? null : false, medianMs };
}

/** Different runs that failed one after the other by the device's or the lab's fault, up to now. */
export function failuresInARow(tries: readonly Try[]): number {
  const runs = new Set<string>();
  for (const { runId, state, error } of tries) {
    if (state === 'succeeded' || state === 'reporting') break;
    // What a person's model or a person's cancelling did says nothing either way.
    if ((state === 'failed' || state === 'lost') && error && error.cause !== 'user') runs.add(runId);
  }
  return runs.size;
}

/** Why a device must go out of rotation; undefined: it stays. */
export function quarantineReason(checks: readonly Check[], failures: number): string | undefined {
  if (failures >= failuresToQuarantine) return `${failures} different runs in a row failed on it`;
  const bad = inARow(told(checks), ({ healthy }) => healthy === false);
  if (bad.length < badChecksToQuarantine) return undefined;
  const failed = bad.filter(({ state }) => state === 'failed').length;
  if (failed === bad.length) return `${bad.length} health checks in a row failed`;
  if (failed === 0) return `${bad.length} health checks in a row were more than 20 % slower than it used to be`;
  return `${bad.length} health checks in a row failed or were more than 20 % slower than it used to be`;
}

/** Whether a device that the lab took out may come back: `checks` are those since then. */
export function mayReturn(checks: readonly Check[]): boolean {
  const clean = inARow(told(checks), ({ healthy, verdict }) => healthy === true && verdict === 'clean');
  return clean.length >= cleanChecksToReturn;
}

/** Those that found something out. */
const told = (checks: readonly Check[]): Check[] => checks.filter(({ healthy }) => healthy !== null);

function inARow(checks: readonly Check[], is: (check: Check) => boolean): Check[] {
  const end = checks.findIndex((check) => !is(check));
  return end < 0 ? [...checks] : checks.slice(0, end);
}
