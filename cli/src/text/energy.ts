import type { DeviceFrontier, MetricId, Run, SensorScope } from '@hilltop/contracts';
import { plain, type Style } from './style.js';
import { fields } from './table.js';
import { formatInterval, formatMetric, formatMs, significant } from './units.js';

/** Where a run's energy comes from and how well it is known. '' where none was measured. */
export function energyText({ energy, metrics }: Pick<Run, 'energy' | 'metrics'>, style: Style = plain): string {
  if (!energy) return '';
  const value = (id: MetricId): string | undefined => metrics[id] && formatInterval(id, metrics[id]);
  const share = (part: number): string => `${significant(100 * part, 2)} %`;
  const windows = energy.blocks + energy.leftOut;
  return fields(
    {
      energy: value('energy_mj') && `${value('energy_mj')} an inference, all that the window took`,
      'above idle': value('energy_net_mj'),
      power: value('power_mean_w'),
      idle: energy.idleW === undefined ? 'not seen' : formatMetric('power_idle_w', energy.idleW),
      scope: scopeText({ scope: energy.scope, ...(energy.simulated && { simulated: true }) }),
      sensors: energy.sensors.join(', '),
      windows:
        `${energy.blocks} of ${windows}, ${formatMs(energy.windowMs)} each` +
        (energy.leftOut > 0
          ? style.warn(`; ${energy.leftOut} left out: a fault of the meter or a gap in its readings`)
          : ''),
      uncertainty: `gain ${share(energy.gain)}, offset ${share(energy.offset)}, edges ${share(energy.edge)}, between windows ${share(energy.block)}`,
    },
    style,
  );
}

/** `module-input`, `dut-vdd (simulated meter)`: what an energy contains. */
export function scopeText({ scope, simulated }: { scope: SensorScope; simulated?: boolean | undefined }): string {
  return simulated ? `${scope} (simulated meter)` : scope;
}

/** What the energies of a frontier's points contain, where one of its axes is of that kind. */
export function scopeRemark(objectives: readonly { metric: MetricId }[], device: DeviceFrontier): string | undefined {
  const shown = objectives.some(({ metric }) => metric.startsWith('energy_') || metric.startsWith('power_'));
  return shown && device.energy ? `energy and power of ${scopeText(device.energy)}` : undefined;
}
