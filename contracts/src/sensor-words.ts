import { quantities, type Sensor } from './sensor.js';

/** A sensor for people, column by column; what is not known is empty. */
export interface SensorWords {
  readonly id: string;
  readonly reads: string;
  readonly scope: string;
  readonly step: string;
  readonly every: string;
  readonly limit: string;
  readonly uncertainty: string;
  /** Where the uncertainty comes from. */
  readonly source: string;
}

/** How whoever shows it writes numbers. */
export interface SensorWriting {
  readonly number: (value: number, digits: number) => string;
  /** Between a number and its unit. */
  readonly space: string;
}

/** What is read, what it contains, its step, how often it is new, where it is too much, and how well it is known. */
export function sensorWords(sensor: Sensor, { number, space }: SensorWriting): SensorWords {
  const { id, simulated, quantity, kind, scope, total, resolution, updateMs, limit, uncertainty } = sensor;
  const unit = quantities[quantity];
  /** In the sensor's unit, or a millionth of it: the unit of an energy counter is some 61 µJ. */
  const amount = (value: number | undefined, digits = 3): string => {
    if (value === undefined) return '';
    const small = unit !== '' && value !== 0 && Math.abs(value) < 1e-3;
    const shown = number(small ? value * 1e6 : value, digits);
    return unit === '' ? shown : `${shown}${space}${small ? 'µ' : ''}${unit}`;
  };
  const offset = uncertainty && uncertainty.offset > 0 ? ` + ${amount(uncertainty.offset, 2)}` : '';
  return {
    id: simulated ? `${id} (simulated)` : id,
    reads: kind === 'sampled' ? quantity : `${quantity}, ${kind}`,
    scope: total ? `${scope}, total` : scope,
    step: amount(resolution),
    every: updateMs === undefined ? '' : `${number(updateMs, 3)}${space}ms`,
    limit: amount(limit),
    uncertainty: uncertainty ? `${number(uncertainty.gain * 100, 2)} %${offset}` : '',
    source: uncertainty?.source ?? '',
  };
}
