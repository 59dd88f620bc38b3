import { type Sensor, type SensorWords, sensorWords } from '@hilltop/contracts';
import { plain, type Style } from './style.js';
import { table } from './table.js';
import { significant } from './units.js';

/** What can be read beside a run: what each contains, its step, how often it is new, how well it is known. '' without any. */
export function sensorTable(sensors: readonly Sensor[], style: Style = plain): string {
  const column = (title: string, cell: (words: SensorWords) => string) => ({ title, cell });
  return table(
    sensors.map((sensor) => sensorWords(sensor, { number: significant, space: ' ' })),
    [
      column('Sensor', ({ id }) => id),
      column('Reads', ({ reads }) => reads),
      column('Scope', ({ scope }) => scope),
      { ...column('Step', ({ step }) => step), align: 'right' },
      { ...column('Every', ({ every }) => every), align: 'right' },
      { ...column('Limit', ({ limit }) => limit), align: 'right' },
      column('Uncertainty', ({ uncertainty, source }) => (source ? `${uncertainty} (${source})` : uncertainty)),
    ],
    style,
  );
}
