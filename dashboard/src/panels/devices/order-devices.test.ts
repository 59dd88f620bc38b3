import type { Device } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { orderDevices, summarizeDevices } from './order-devices.js';

describe('devices', () => {
  it('what needs a person comes first, retired ones are gone', () => {
    const device = (name: string, state: Device['state']) => ({ name, state }) as Device;
    const all = [
      device('b10', 'available'),
      device('b9', 'available'),
      device('x', 'retired'),
      device('q', 'quarantined'),
      device('w', 'busy'),
      device('o', 'offline'),
    ];
    expect(orderDevices(all).map((d) => d.name)).toEqual(['q', 'w', 'b9', 'b10', 'o']);
    expect(summarizeDevices(orderDevices(all))).toBe('5 devices · 1 quarantined · 1 busy · 1 offline');
  });
});
