import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { portIdentities, portIdentity } from './port-identity.js';

const pico = { path: '/dev/ttyACM0', vendorId: '2e8a', productId: '000a', serialNumber: 'E6614103E7' };
const clone = { path: '/dev/ttyUSB0', vendorId: '1a86', productId: '7523', location: '1-1.2:1.0' };

describe('portIdentity', () => {
  it('is the serial number, whatever the port is called and where it is plugged in', () => {
    const { key } = portIdentity(pico);
    expect(key).toBe('usb-2e8a-000a-e6614103e7');
    expect(portIdentity({ ...pico, path: '/dev/ttyACM7', location: '3-4:1.0' }).key).toBe(key);
  });

  it('tells the second function of one board from the first', () => {
    expect(portIdentity({ ...pico, location: '1-1:1.2' }).key).toBe('usb-2e8a-000a-e6614103e7-if2');
    expect(portIdentity({ ...pico, pnpId: 'usb-Raspberry_Pi_Pico_E6-if02' }).key).toBe('usb-2e8a-000a-e6614103e7-if2');
    expect(portIdentity({ ...pico, pnpId: 'usb-Raspberry_Pi_Pico_E6-if00' }).key).toBe('usb-2e8a-000a-e6614103e7');
  });

  it('is the place where there is no serial number, and the name where there is no USB', () => {
    expect(portIdentity(clone).key).toBe('usb-1a86-7523-at-1-1.2:1.0');
    expect(portIdentity({ path: '/dev/ttyAMA0' }).key).toBe('ttyama0');
    expect(portIdentity({ path: 'COM3' }).key).toBe('com3');
  });

  it('always fits a device key', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (path, vendorId, serialNumber) => {
        expect(portIdentity({ path, vendorId, productId: 'x', serialNumber }).key).toMatch(
          /^[a-z0-9][a-z0-9._:-]{0,63}$/,
        );
      }),
    );
  });
});

describe('portIdentities', () => {
  it('tells adapters with one serial number apart by their place, or their name', () => {
    const twin = { ...pico, serialNumber: '0001' };
    const keys = portIdentities([
      { ...twin, location: '1-1:1.0' },
      { ...twin, path: '/dev/ttyACM1', location: '1-2:1.0' },
      clone,
    ]).map((p) => p.key);
    expect(keys).toEqual(['usb-2e8a-000a-0001-1-1:1.0', 'usb-2e8a-000a-0001-1-2:1.0', 'usb-1a86-7523-at-1-1.2:1.0']);
    expect(portIdentities([twin, { ...twin, path: '/dev/ttyACM1' }]).map((p) => p.key)).toEqual([
      'usb-2e8a-000a-0001-ttyacm0',
      'usb-2e8a-000a-0001-ttyacm1',
    ]);
  });
});
