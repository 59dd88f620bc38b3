import type { Sensor } from '@hilltop/contracts';
import { isInputRail } from './ina-chips.js';

/** From what is closest to all that a device takes to what is least so; the first rule that any sensor meets chooses. */
const rules: ReadonlyArray<(sensor: Sensor) => boolean> = [
  (sensor) => sensor.scope === 'board-input' && sensor.driver === 'ina2xx',
  (sensor) => sensor.scope === 'module-input' && isInputRail(sensor.label),
  (sensor) => sensor.scope === 'board-input',
  // No rail that contains the others: their sum. Of `ina2xx` nobody knows where it is.
  (sensor) => sensor.driver === 'ina3221' || sensor.driver === 'ina3221-iio',
  // Cores and graphics are inside the package, and the package is inside psys.
  (sensor) => sensor.driver === 'rapl' && (sensor.scope === 'package' || sensor.scope === 'memory'),
  (sensor) => sensor.scope === 'battery',
];

/** The same sensors with `total` at the one, or at each part of the one, that says what the device takes in all. Adds nothing twice. */
export function chooseTotals(sensors: readonly Sensor[]): Sensor[] {
  const isPower = ({ quantity }: Sensor): boolean => quantity === 'power' || quantity === 'energy';
  const rule = rules.find((meets) => sensors.some((sensor) => isPower(sensor) && meets(sensor)));
  const chosen = rule ? sensors.filter((sensor) => isPower(sensor) && rule(sensor)) : [];
  // An input rail contains everything: a second one is the same supply seen elsewhere.
  const totals = chosen[0]?.scope === 'module-input' ? chosen.slice(0, 1) : chosen;
  return sensors.map((sensor) => (totals.includes(sensor) ? { ...sensor, total: true } : sensor));
}
