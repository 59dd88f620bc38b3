import type { Device } from '@hilltop/contracts';
import type { CoolDowns } from './cool-downs.js';
import type { DeviceEntity } from './device.entity.js';

/** A device as it is told outside. */
export function deviceView(row: DeviceEntity, coolDowns: Pick<CoolDowns, 'state'>): Device {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    type: row.type,
    emulated: row.emulated,
    agentId: row.agentId,
    agentVersion: row.agentVersion,
    labels: { ...row.reportedLabels, ...row.ownLabels },
    state: coolDowns.state(row),
    ...(row.stateReason !== null && { stateReason: row.stateReason }),
    facts: row.facts,
    ...(row.floor !== null && { floor: row.floor }),
    ...(row.currentRunId !== null && { currentRunId: row.currentRunId }),
    queued: row.queued,
    ...(row.lastSeenAt !== null && row.state === 'offline' && { lastSeenAt: row.lastSeenAt }),
    createdAt: row.createdAt,
  };
}
