import type { HealthCheck } from '@hilltop/contracts';
import type { CanaryEntity } from './canary.entity.js';

/** A health check as it is told outside. */
export function canaryView(row: CanaryEntity): HealthCheck {
  return {
    id: row.id,
    deviceId: row.deviceId,
    jobId: row.jobId,
    state: row.state,
    ...(row.latencyMs !== null && { latencyMs: row.latencyMs }),
    ...(row.medianMs !== null && { medianMs: row.medianMs }),
    ...(row.healthy !== null && { healthy: row.healthy }),
    ...(row.verdict !== null && { verdict: row.verdict }),
    ...(row.error !== null && { error: row.error }),
    ...(row.askedBy !== null && { askedBy: row.askedBy }),
    createdAt: row.createdAt,
    ...(row.endedAt !== null && { endedAt: row.endedAt }),
  };
}
