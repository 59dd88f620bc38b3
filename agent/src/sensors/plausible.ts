import type { Quantity, Sensor } from '@hilltop/contracts';
import type { Found, SensorSource } from './sensor-source.js';

export const nothing: Found = { sources: [], lacks: [] };

/** What a working sensor of an edge device, a PC or a server can say, in the unit of its quantity. Currents flow both ways. */
const windows: Record<Quantity, readonly [least: number, most: number]> = {
  power: [-20_000, 20_000],
  energy: [0, 1e12],
  voltage: [0, 1000],
  current: [-1000, 1000],
  temperature: [-40, 150],
  frequency: [1, 2e10],
  load: [0, 1],
  count: [0, Number.MAX_SAFE_INTEGER],
  state: [0, Number.MAX_SAFE_INTEGER],
};

/** The value, when it is one that this quantity can have. A temperature of exactly 0 is a sensor that is off. */
export function plausible(quantity: Quantity, value: number | undefined): number | undefined {
  if (value === undefined || !Number.isFinite(value)) return undefined;
  const [least, most] = windows[quantity];
  if (value < least || value > most || (quantity === 'temperature' && value === 0)) return undefined;
  return value;
}

/** A source over synchronous reads, in a list of one; an empty list when its trial reading is not plausible. */
export function tried(
  sensor: Sensor,
  read: () => number | undefined,
  accept: (value: number) => boolean = () => true,
): SensorSource[] {
  const checked = (): number | undefined => plausible(sensor.quantity, read());
  const first = checked();
  return first !== undefined && accept(first) ? [{ sensor, read: checked }] : [];
}

/** Sources over one command: its parsed answer is asked for once for all that are read together. */
export function triedTogether<T>(
  group: string,
  first: T | undefined,
  ask: () => Promise<T | undefined>,
  rows: ReadonlyArray<readonly [sensor: Sensor, pick: (answer: T) => number | undefined]>,
): SensorSource[] {
  const together = inOneGo(ask);
  return rows.flatMap(([sensor, pick]) => {
    if (first === undefined || plausible(sensor.quantity, pick(first)) === undefined) return [];
    const read = async (): Promise<number | undefined> => {
      const answer = await together();
      return answer === undefined ? undefined : plausible(sensor.quantity, pick(answer));
    };
    return [{ sensor, read, group }];
  });
}

/** Whoever asks while an answer is on its way gets that one. */
function inOneGo<T>(ask: () => Promise<T | undefined>): () => Promise<T | undefined> {
  let coming: Promise<T | undefined> | undefined;
  return () => {
    coming ??= ask()
      .catch(() => undefined)
      .finally(() => {
        coming = undefined;
      });
    return coming;
  };
}

/** A label as a part of an id: no blanks, no slashes. */
export function idPart(label: string): string {
  return (
    label
      .trim()
      .replace(/[\s/]+/g, '-')
      .slice(0, 60) || 'unnamed'
  );
}
