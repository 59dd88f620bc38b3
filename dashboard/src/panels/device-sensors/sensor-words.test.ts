import type { Device } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { lackingText, staleShare } from './sensor-words.js';

describe('sensors of a device', () => {
  it('[LABP-8] what cannot be measured is said, what is silent is hatched from its last word on', () => {
    const device = (quantities: string[]) =>
      ({ facts: { sensors: quantities.map((quantity) => ({ quantity })) } }) as unknown as Device;
    expect([
      lackingText(device([]), []),
      lackingText(device(['power']), ['temperatureC']),
      lackingText({ facts: {} } as Device, []),
    ]).toEqual(['no power meter, no thermometer', undefined, undefined]);
    expect([
      staleShare(58_000, 60_000, 60_000, true),
      staleShare(58_000, 60_000, 60_000, false),
      staleShare(30_000, 60_000, 60_000, true),
    ]).toEqual([0, 2000 / 60_000, 0.5]);
  });
});
