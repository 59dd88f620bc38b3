import { type Sensor, type SensorScope, sensorScopes } from './sensor.js';

/** From what is closest to what a battery or a supply gives to what is least so; a meter somebody put there comes first. */
const preference: readonly SensorScope[] = [
  'dut-vdd',
  'board-input',
  'module-input',
  'wall',
  'battery',
  'board-regulated-partial',
  'package',
  'rail',
];

/** What a run's energy is taken from: places in `sensors`, all of one scope; none where nothing says what the device takes in all. */
export function energySensors(sensors: readonly Sensor[]): number[] {
  const powers = sensors
    .map((sensor, index) => ({ sensor, index }))
    .filter(({ sensor }) => sensor.total && (sensor.quantity === 'power' || sensor.quantity === 'energy'));
  const order = (scope: SensorScope): number => {
    const place = preference.indexOf(scope);
    return place < 0 ? preference.length + sensorScopes.indexOf(scope) : place;
  };
  const best = powers.map(({ sensor }) => sensor).sort((a, b) => order(a.scope) - order(b.scope))[0];
  // Of one source both a power and a counter of energy: never both.
  return powers
    .filter(
      ({ sensor }) =>
        sensor.scope === best!.scope && sensor.driver === best!.driver && sensor.quantity === best!.quantity,
    )
    .map(({ index }) => index);
}
