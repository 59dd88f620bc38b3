import type { Device, DeviceState } from '@hilltop/contracts';

/** What needs a person comes first, what is at rest comes last. */
const urgency: Record<DeviceState, number> = {
  quarantined: 0,
  unhealthy: 1,
  maintenance: 2,
  busy: 3,
  preparing: 4,
  cooling: 5,
  available: 6,
  offline: 7,
  retired: 8,
};

/** Devices for the cards: by urgency, then by name; retired ones are gone. */
export function orderDevices(devices: readonly Device[]): Device[] {
  return devices
    .filter((d) => d.state !== 'retired')
    .sort((a, b) => urgency[a.state] - urgency[b.state] || a.name.localeCompare(b.name, undefined, { numeric: true }));
}

/** `3 devices · 1 busy · 1 offline`. */
export function summarizeDevices(devices: readonly Device[]): string {
  const count = (state: DeviceState): number => devices.filter((d) => d.state === state).length;
  const parts = (['quarantined', 'unhealthy', 'maintenance', 'busy', 'offline'] as const).flatMap((state) =>
    count(state) > 0 ? [`${count(state)} ${state}`] : [],
  );
  return [`${devices.length} ${devices.length === 1 ? 'device' : 'devices'}`, ...parts].join(' · ');
}
