import { type Device, runtimeIdOf, type TicksKind } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { findDevice } from '../lab/find.js';
import { sensorTable } from '../text/sensors.js';
import { deviceText } from '../text/status-marks.js';
import { fields } from '../text/table.js';
import { formatAge, formatBytes, formatMs, significant } from '../text/units.js';
import { labelsText } from './devices.js';

/** Shows one device with what its agent found out about it. */
export async function deviceShow(context: Context): Promise<void> {
  const device = await findDevice(context.lab, context.positionals[0]!);
  context.answer(device, () => {
    const sensors = sensorTable(device.facts.sensors ?? [], context.style);
    return deviceFacts(device, context) + (sensors && `\n${sensors}`);
  });
}

function deviceFacts(device: Device, { style, terminal }: Context): string {
  const { facts, floor } = device;
  return (
    `${style.bold(device.name)}${device.emulated ? ' (emulated)' : ''}\n` +
    fields(
      {
        state: deviceText(device.state, style) + (device.stateReason ? `: ${device.stateReason}` : ''),
        'runs now': device.currentRunId,
        queued: String(device.queued),
        type: device.type,
        labels: labelsText(device.labels),
        board: facts.board,
        cpu: facts.cpu,
        features: facts.cpuFeatures.join(' '),
        cores: String(facts.cores),
        kind: device.kind,
        memory: facts.mcu ? undefined : formatBytes(facts.memoryBytes),
        system: facts.mcu ? undefined : [facts.os, facts.kernel, facts.arch].filter(Boolean).join(', '),
        'power mode': facts.powerMode,
        runtimes: facts.runtimes
          .map((runtime) => `${runtimeIdOf(runtime)} ${runtime.version} (${runtime.providers.join(', ')})`)
          .join('; '),
        ...mcuFacts(device),
        evidence: facts.evidence.join(' ') || 'none: no run here is ever clean',
        floor: floor && `${formatMs(floor.latencyP50Ms)} p50 of the null model, ${floor.inferences} inferences`,
        agent: `${device.agentId} ${device.agentVersion}`,
        seen: device.lastSeenAt && formatAge(device.lastSeenAt, terminal.now()),
        id: device.id,
      },
      style,
    )
  );
}

/** What a board's counter counts. */
const counted = {
  dwt: 'cycles (DWT)',
  systick: 'cycles (SysTick)',
  instructions: 'instructions',
  clock: 'nanoseconds',
} as const satisfies Record<TicksKind, string>;

/** What a microcontroller says about itself. */
function mcuFacts({ facts: { mcu, arch }, emulated }: Device): Record<string, string | undefined> {
  if (!mcu) return {};
  return {
    architecture: arch,
    clock: mcu.hz === undefined ? undefined : `${significant(mcu.hz / 1e6)} MHz`,
    counts: `${mcu.ticks === undefined ? 'microseconds' : counted[mcu.ticks]}${emulated ? ', emulated' : ''}`,
    'plan and arena': mcu.ramBytes === undefined ? undefined : `at most ${formatBytes(mcu.ramBytes)} together`,
    flash: mcu.flashBytes === undefined ? undefined : formatBytes(mcu.flashBytes),
    firmware: `${mcu.firmware} (${mcu.driver})`,
    'model inside': [mcu.profile, mcu.model].filter(Boolean).join(', ') || undefined,
  };
}
