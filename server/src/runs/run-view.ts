import { isFinal, type Run } from '@hilltop/contracts';
import type { RunEntity } from './run.entity.js';
import type { Repeats } from './run-repeats.js';

/** A run as it is told outside; `progress` is what its agent said last. */
export function runView(row: RunEntity, deviceName: string, progress?: Run['progress'], repeats?: Repeats): Run {
  return {
    id: row.id,
    jobId: row.jobId,
    modelId: row.modelId,
    variantId: row.variantId,
    recipe: row.recipe,
    deviceId: row.deviceId,
    deviceName,
    protocol: row.protocol,
    settings: row.settings,
    ...(row.artifactSha256 !== null &&
      row.artifactBytes !== null && { artifact: { sha256: row.artifactSha256, bytes: row.artifactBytes } }),
    state: row.state,
    attempt: row.attempt,
    ...(row.fence !== null && { fence: row.fence }),
    ...(progress && { progress }),
    ...(row.error !== null && { error: row.error }),
    ...(row.verdict !== null && { verdict: row.verdict }),
    metrics: row.metrics,
    ...(row.energy !== null && { energy: row.energy }),
    ...(row.environment !== null && { environment: row.environment }),
    ...(row.floor !== null && { floor: row.floor }),
    ...(row.repeatOf !== null && { repeatOf: row.repeatOf }),
    ...repeats,
    ...(row.transferBytes !== null && { transferBytes: row.transferBytes }),
    ...timesOf(row),
    queuedAt: row.queuedAt,
    ...(row.claimedAt !== null && { claimedAt: row.claimedAt }),
    ...(row.startedAt !== null && { startedAt: row.startedAt }),
    ...(row.endedAt !== null && { endedAt: row.endedAt }),
  };
}

/** Waiting and running, kept apart. Of before waiting was kept there is only the way from its submission to its claim. */
function timesOf({ state, attempt, queuedAt, claimedAt, endedAt, waitedMs }: RunEntity): Partial<Run> {
  if (claimedAt === null) return {};
  const between = (from: string, to: string): number => Math.max(0, Date.parse(to) - Date.parse(from));
  const waited = waitedMs ?? (attempt === 1 ? between(queuedAt, claimedAt) : undefined);
  return {
    ...(waited !== undefined && { queueSeconds: waited / 1000 }),
    ...(isFinal(state) && endedAt !== null && { runSeconds: between(claimedAt, endedAt) / 1000 }),
  };
}
