import type { Reservation } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { durationText, reserveForecast } from './reserve-forecast.js';

describe('forecast of a wish', () => {
  it('[CAL-2] takes the device that frees first, and counts those who wait', () => {
    const lease = (name: string, until: number): Reservation =>
      ({
        holder: { owner: name, name },
        state: 'held',
        until: new Date(until).toISOString(),
        forSeconds: 60,
      }) as Reservation;
    const own = undefined;
    const busy = { current: lease('Ana', 90_000), queue: [lease('Jo', 0)], own };
    const later = { current: lease('Mira', 200_000), queue: [], own };
    expect(reserveForecast([later, busy], 1000)).toEqual({ place: 2, earliestMs: 150_000, holder: 'Ana' });
    expect(reserveForecast([busy, { current: undefined, queue: [], own }], 1000)).toEqual({
      place: 0,
      earliestMs: 1000,
    });
    expect([900, 3600, 4800, 20].map(durationText)).toEqual(['15 min', '1 h', '1 h 20 min', '1 min']);
  });
});
