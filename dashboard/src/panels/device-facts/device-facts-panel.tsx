import { type BoardFacts, runtimeIdOf } from '@hilltop/contracts';
import { useTopic } from '../../app/lab-context.js';
import { formatBytes, formatMetric } from '../../format/number.js';
import { Ago } from '../../ui/ago.js';
import { Skeleton } from '../../ui/empty.js';
import { Facts } from '../../ui/facts.js';
import type { PanelProps } from '../panel-name.js';
import { SensorTable } from './sensor-table.js';

/** What the agent found out about the device. What it did not find is not there. */
export function DeviceFactsPanel({ subject }: PanelProps) {
  const device = useTopic('lab').entities.device.get(subject.deviceId ?? '');
  if (!device) return <Skeleton />;
  const { facts, floor } = device;
  const { mcu } = facts;
  const labels = Object.entries(device.labels).map(([key, value]) => `${key}=${value}`);
  return (
    <>
      <Facts
        rows={[
          ['Device type', device.type],
          ['Kind', device.emulated ? `${device.kind}, emulated` : device.kind],
          ['Board', facts.board],
          ['Processor', facts.cpu],
          ['Cores', facts.cores],
          // Of a board only what is free for plans is known, which is said below.
          ['Memory', !mcu && facts.memoryBytes > 0 ? formatBytes(facts.memoryBytes) : undefined],
          ['Clock', mcu?.hz === undefined ? undefined : `${mcu.hz / 1e6} MHz`],
          ['Counts', mcu && countsText(mcu.ticks)],
          ['Plan and arena', mcu?.ramBytes === undefined ? undefined : `at most ${formatBytes(mcu.ramBytes)} together`],
          ['Flash', mcu?.flashBytes === undefined ? undefined : formatBytes(mcu.flashBytes)],
          ['Firmware', mcu && `${mcu.firmware} (${mcu.driver})`],
          ['Model inside', [mcu?.profile, mcu?.model].filter(Boolean).join(', ')],
          ['Architecture', facts.arch],
          ['Processor features', facts.cpuFeatures.join(' ')],
          ['System', mcu ? undefined : facts.os],
          ['Kernel', facts.kernel],
          ['Power mode', facts.powerMode],
          [
            'Runtimes',
            facts.runtimes.map((r) => `${runtimeIdOf(r)} ${r.version} (${r.providers.join(', ')})`).join('; '),
          ],
          ['Evidence', facts.evidence.length > 0 ? facts.evidence.join(', ') : 'none: no run here can be clean'],
          [
            'Sensors',
            facts.sensors && (facts.sensors.length > 0 ? facts.sensors.length : 'none: runs here have no energy'),
          ],
          [
            'Floor, latency p50',
            // A board times the model alone: there is no harness to know the floor of.
            floor ? formatMetric('latency_p50_ms', floor.latencyP50Ms) : mcu ? undefined : 'not measured',
          ],
          ['Floor, memory', floor?.memoryBytes === undefined ? undefined : formatBytes(floor.memoryBytes)],
          ['Floor measured', floor && <Ago instant={floor.measuredAt} />],
          ['Labels', labels.join(' ')],
          ['Agent', `${device.agentId}, version ${device.agentVersion}`],
          ['Last seen', device.lastSeenAt && <Ago instant={device.lastSeenAt} />],
          ['Joined', <Ago key="joined" instant={device.createdAt} />],
        ]}
      />
      {facts.sensors && facts.sensors.length > 0 && <SensorTable sensors={facts.sensors} />}
    </>
  );
}

/** What a board's counter counts, in words. */
const countsText = (ticks: BoardFacts['ticks']): string =>
  ticks === undefined
    ? 'microseconds'
    : { dwt: 'cycles (DWT)', systick: 'cycles (SysTick)', instructions: 'instructions', clock: 'nanoseconds' }[ticks];
