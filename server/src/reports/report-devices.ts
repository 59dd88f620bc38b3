import type { ReportDevice } from '@hilltop/contracts';
import type { DeviceEntity } from '../devices/device.entity.js';
import type { RunEntity } from '../runs/run.entity.js';

type Ended = Pick<RunEntity, 'deviceId' | 'state' | 'verdict' | 'environment' | 'floor' | 'endedAt'>;

/** Under what runs were measured, device by device: what they say themselves, since the device may be another by now. */
export function reportDevices(devices: readonly DeviceEntity[], runs: readonly Ended[]): ReportDevice[] {
  return devices
    .map((device) =>
      deviceOf(
        device,
        runs.filter(({ deviceId }) => deviceId === device.id),
      ),
    )
    .sort((a, b) => a.name.localeCompare(b.name));
}

function deviceOf(device: DeviceEntity, runs: readonly Ended[]): ReportDevice {
  const environments = runs.flatMap(({ environment }) => environment ?? []);
  const floors = runs
    .filter(({ floor }) => floor !== null)
    .sort((a, b) => Date.parse(a.endedAt ?? '1970-01-01') - Date.parse(b.endedAt ?? '1970-01-01'));
  const floor = floors.at(-1)?.floor ?? device.floor;
  const { facts } = device;
  const count = (verdict: 'clean' | 'disturbed' | 'invalid'): number =>
    runs.filter((run) => run.verdict?.verdict === verdict).length;
  return {
    id: device.id,
    name: device.name,
    type: device.type,
    kind: device.kind,
    emulated: device.emulated,
    ...((facts.mcu?.cpu ?? facts.cpu) !== undefined && { cpu: facts.mcu?.cpu ?? facts.cpu }),
    ...(facts.mcu === undefined && { os: facts.os }),
    runtimes: unique(environments.map(({ runtime }) => `${runtime.name} ${runtime.version}, ${runtime.provider}`)),
    agents: unique(environments.map(({ agentVersion }) => agentVersion)),
    kernels: unique(environments.flatMap(({ kernel }) => kernel ?? [])),
    powerModes: unique(environments.flatMap(({ governor }) => governor ?? [])),
    prepared: unique(environments.flatMap(({ prepared }) => prepared ?? [])),
    ...(floor !== null && { floor }),
    runs: {
      clean: count('clean'),
      disturbed: count('disturbed'),
      invalid: count('invalid'),
      failed: runs.filter(({ state }) => state === 'failed').length,
    },
    disturbedBy: disturbances(runs),
  };
}

function disturbances(runs: readonly Ended[]): ReportDevice['disturbedBy'] {
  const counts = new Map<string, number>();
  for (const { verdict } of runs) {
    const signals = new Set(verdict?.evidence.filter(({ level }) => level !== 'ok').map(({ signal }) => signal));
    for (const signal of signals) counts.set(signal, (counts.get(signal) ?? 0) + 1);
  }
  return [...counts]
    .map(([signal, n]) => ({ signal, runs: n }))
    .sort((a, b) => b.runs - a.runs || (a.signal < b.signal ? -1 : 1));
}

const unique = (values: readonly string[]): string[] => [...new Set(values)].sort();
