import type { Device, DeviceState, Quarantine } from '@hilltop/contracts';
import type { CoolDowns } from './cool-downs.js';
import type { DeviceEntity } from './device.entity.js';

/** A device as it is told outside. */
export function deviceView(row: DeviceEntity, coolDowns: Pick<CoolDowns, 'state'>): Device {
  const reason = row.stateReason ?? (row.state === 'available' ? (row.quarantine?.reason ?? null) : null);
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    type: row.type,
    emulated: row.emulated,
    agentId: row.agentId,
    agentVersion: row.agentVersion,
    labels: { ...row.reportedLabels, ...row.ownLabels },
    state: row.quarantine !== null && row.state === 'available' ? outOf(row.quarantine) : coolDowns.state(row),
    ...(reason !== null && { stateReason: reason }),
    ...(row.quarantine !== null && { quarantine: row.quarantine }),
    ...(row.lastCheck && { lastCheck: row.lastCheck }),
    facts: row.facts,
    ...(row.floor !== null && { floor: row.floor }),
    ...(row.currentRunId !== null && { currentRunId: row.currentRunId }),
    queued: row.queued,
    ...(row.lastSeenAt !== null && row.state === 'offline' && { lastSeenAt: row.lastSeenAt }),
    createdAt: row.createdAt,
  };
}

const outOf = ({ kind }: Quarantine): DeviceState => (kind === 'maintenance' ? 'maintenance' : 'quarantined');
