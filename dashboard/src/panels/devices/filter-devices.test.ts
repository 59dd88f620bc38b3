import type { Device } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { filterDevices, groupDevices, groupings, parseFilter } from './filter-devices.js';

const device = (name: string, type: string, labels: Record<string, string>): Device =>
  ({
    id: `dev_${name}`,
    name,
    type,
    labels,
    state: 'available',
    kind: 'host',
    facts: { arch: 'x64' },
  }) as unknown as Device;
const devices = [
  device('pi-1', 'rpi 4', { site: 'berlin' }),
  device('pi-2', 'rpi 4', { site: 'paris' }),
  device('pico', 'rp2040', {}),
];
const names = (text: string) => filterDevices(devices, parseFilter(text)).map(({ name }) => name);

describe('filter of devices', () => {
  it('[LABP-4] takes labels as the command line does, and words', () => {
    expect([names(''), names('-l site=berlin'), names('PI- site=paris'), names('rp2040'), names('none')]).toEqual([
      ['pi-1', 'pi-2', 'pico'],
      ['pi-1'],
      ['pi-2'],
      ['pico'],
      [],
    ]);
    expect(parseFilter('=x').error).toBeDefined();
  });

  it('[LABP-4] groups by type or label, those without it last', () => {
    expect(groupings(devices)).toEqual(['type', 'site']);
    expect(groupDevices(devices, 'site').map(({ name, devices: d }) => [name, d.length])).toEqual([
      ['site=berlin', 1],
      ['site=paris', 1],
      ['without site', 1],
    ]);
    expect(groupDevices(devices, '')).toEqual([{ name: '', devices }]);
  });
});
