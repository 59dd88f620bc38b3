import { quantities, type Sensor } from '@hilltop/contracts';
import { plain, type Style } from './style.js';
import { table } from './table.js';
import { formatMs, significant } from './units.js';

/** What can be read beside a run: what each contains, its step, how often it is new, how well it is known. '' without any. */
export function sensorTable(sensors: readonly Sensor[], style: Style = plain): string {
  return table(
    sensors,
    [
      { title: 'Sensor', cell: ({ id, simulated }) => `${id}${simulated ? ' (simulated)' : ''}` },
      { title: 'Reads', cell: ({ quantity, kind }) => `${quantity}${kind === 'sampled' ? '' : `, ${kind}`}` },
      { title: 'Scope', cell: ({ scope, total }) => `${scope}${total ? ', total' : ''}` },
      { title: 'Step', align: 'right', cell: ({ resolution, quantity }) => amount(resolution, quantity) },
      {
        title: 'Every',
        align: 'right',
        cell: ({ updateMs }) => (updateMs === undefined ? undefined : formatMs(updateMs)),
      },
      { title: 'Limit', align: 'right', cell: ({ limit, quantity }) => amount(limit, quantity) },
      { title: 'Uncertainty', cell: uncertaintyText },
    ],
    style,
  );
}

/** In the sensor's unit, or a millionth of it: the unit of an energy counter is some 61 µJ. */
function amount(value: number | undefined, quantity: Sensor['quantity'], digits = 3): string | undefined {
  if (value === undefined) return undefined;
  const unit = quantities[quantity];
  if (unit && value !== 0 && Math.abs(value) < 1e-3) return `${significant(value * 1e6, digits)} µ${unit}`;
  return `${significant(value, digits)} ${unit}`.trimEnd();
}

/** Standard uncertainty: share of the value, and what is added to it. */
function uncertaintyText({ uncertainty, quantity }: Sensor): string | undefined {
  if (!uncertainty) return undefined;
  const parts = [`${significant(uncertainty.gain * 100, 2)} %`];
  if (uncertainty.offset > 0) parts.push(amount(uncertainty.offset, quantity, 2)!);
  return `${parts.join(' + ')} (${uncertainty.source})`;
}
