import type { Trial } from '@hilltop/contracts';
import type { TrialEntity } from './trial.entity.js';

/** A trial as it is told outside. */
export function trialView(row: TrialEntity): Trial {
  return {
    id: row.id,
    sweepId: row.sweepId,
    number: row.number,
    modelId: row.modelId,
    recipe: row.recipe,
    settings: row.settings,
    deviceId: row.deviceId,
    deviceName: row.deviceName,
    protocol: row.protocol,
    replicate: row.replicate,
    state: row.state,
    reason: row.reason,
    why: row.why,
    ...(row.jobId !== null && { jobId: row.jobId }),
    ...(row.runId !== null && { runId: row.runId }),
    ...(row.error !== null && { error: row.error }),
    metrics: row.metrics,
    ...(row.hypervolume !== null && { hypervolume: row.hypervolume }),
    ...(row.deviceSeconds !== null && { deviceSeconds: row.deviceSeconds }),
    proposedAt: row.proposedAt,
    ...(row.endedAt !== null && { endedAt: row.endedAt }),
  };
}
