import { quantities, type Sensor } from '@hilltop/contracts';
import { formatNumber } from '../../format/number.js';

export interface SensorRow {
  readonly id: string;
  readonly reads: string;
  readonly scope: string;
  readonly step: string;
  readonly every: string;
  readonly uncertainty: string;
  /** Where the uncertainty comes from. */
  readonly source: string | undefined;
}

/** What can be read beside a run of a device, as text; what is not known is empty. */
export function sensorRows(sensors: readonly Sensor[]): SensorRow[] {
  return sensors.map(({ id, simulated, quantity, kind, scope, total, resolution, updateMs, uncertainty }) => ({
    id: simulated ? `${id} (simulated)` : id,
    reads: kind === 'sampled' ? quantity : `${quantity}, ${kind}`,
    scope: total ? `${scope}, total` : scope,
    step: amount(resolution, quantity),
    every: amount(updateMs, undefined, 'ms'),
    uncertainty: uncertainty
      ? [
          `${formatNumber(uncertainty.gain * 100, 2)} %`,
          ...(uncertainty.offset > 0 ? [amount(uncertainty.offset, quantity)] : []),
        ].join(' + ')
      : '',
    source: uncertainty?.source,
  }));
}

/** In its unit, or a millionth of it: the unit of an energy counter is some 61 µJ. */
function amount(value: number | undefined, quantity: Sensor['quantity'] | undefined, unit?: string): string {
  if (value === undefined) return '';
  const symbol = unit ?? (quantity ? quantities[quantity] : '');
  const [shown, prefix] = symbol !== '' && symbol !== 'ms' && Math.abs(value) < 1e-3 ? [value * 1e6, 'µ'] : [value, ''];
  return symbol ? `${formatNumber(shown)}\u00a0${prefix}${symbol}` : formatNumber(shown);
}
