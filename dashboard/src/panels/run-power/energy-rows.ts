import { type EnergyBudget, type MetricId, type Run, type SensorScope } from '@hilltop/contracts';
import { formatInterval, formatMetric, formatNumber } from '../../format/number.js';

/** What each scope contains, in words. */
const scopeWords: Readonly<Record<SensorScope, string>> = {
  wall: 'at the wall, with the power supply',
  'board-input': 'the whole board',
  'module-input': 'the module, without its carrier',
  'board-regulated-partial': 'what the regulators give, without their losses and what hangs on 5 V',
  package: 'the processor alone',
  core: 'the cores alone',
  memory: 'the memory alone',
  rail: 'some rails',
  gpu: 'the GPU alone',
  battery: 'what the battery gives',
  'dut-vdd': 'the supply of the device',
  machine: 'the machine',
};

export const scopeText = (scope: SensorScope): string => `${scope}: ${scopeWords[scope]}`;

export type BudgetRow = readonly [name: string, share: number, meaning: string];

/** What the uncertainty of a run's energy is made of, the greatest first; relative standard uncertainties. */
export function budgetRows({ gain, offset, edge, block }: EnergyBudget): BudgetRow[] {
  const rows: BudgetRow[] = [
    ['Gain', gain, 'the sensor’s own factor: the same in every window'],
    ['Offset', offset, 'the sensor’s own zero, against this power'],
    ['Edges', edge, 'where the loop begins and ends among the readings'],
    ['Between windows', block, 'what the blocks differ by'],
  ];
  return rows.sort((a, b) => b[1] - a[1]);
}

/** `0.64 %`. */
export const shareText = (share: number): string => `${formatNumber(100 * share, 2)}\u00a0%`;

/** The energy in words beside its picture. */
export function energyFacts({ energy, metrics }: Pick<Run, 'energy' | 'metrics'>): Array<[string, string | undefined]> {
  if (!energy) return [];
  const value = (id: MetricId): string | undefined => metrics[id] && formatInterval(id, metrics[id]);
  return [
    ['Energy of an inference', value('energy_mj')],
    ['Above idle', value('energy_net_mj')],
    ['Mean power', value('power_mean_w')],
    ['Idle power', energy.idleW === undefined ? 'not seen' : formatMetric('power_idle_w', energy.idleW)],
    ['Scope', scopeText(energy.scope)],
    ['Sensors', energy.sensors.join(', ')],
    [
      'Windows',
      `${energy.blocks} of ${energy.blocks + energy.leftOut}, ${formatMetric('latency_p50_ms', energy.windowMs)} each`,
    ],
    [
      'Left out',
      energy.leftOut > 0
        ? `${energy.leftOut}: a fault of the meter, or a gap in its readings, lies in the window`
        : undefined,
    ],
  ];
}
