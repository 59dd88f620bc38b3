import { describe, expect, it } from '@jest/globals';
import { parseShellyGen1, parseShellyGen2, parseTasmota, parseWattRes } from './plug-format.js';

/** Captured: Tasmota's telemetry, as `Status 10` wraps it; a Shelly's `Switch.GetStatus`. */
const tasmota = JSON.parse(
  '{"StatusSNS":{"Time":"2023-05-19T20:52:56","ENERGY":{"TotalStartTime":"2022-03-20T15:20:48","Total":514.153,"Yesterday":1.495,"Today":0.537,"Period":0,"Power":56,"ApparentPower":92,"ReactivePower":73,"Factor":0.61,"Voltage":234,"Current":0.392}}}',
);
const shelly = JSON.parse(
  '{"id":0,"source":"loopback","output":true,"apower":10.7,"voltage":120.7,"current":0.133,"aenergy":{"total":46791.262,"by_minute":[73.921,177.749,177.749],"minute_ts":1682952864},"temperature":{"tC":47.9,"tF":118.3}}',
);

describe('what plugs say', () => {
  it('[METER-10] Tasmota: W and kWh', () => {
    const value = parseTasmota(tasmota, undefined);
    expect(value).toEqual({ watts: 56, joules: expect.closeTo(514.153 * 3.6e6, 3), stamp: '2023-05-19T20:52:56' });
  });

  it('[METER-10] Tasmota with two outputs: a person says which; a sum of both is no counter of one', () => {
    const two = { StatusSNS: { Time: 't', ENERGY: { Power: [3, 8], Total: [1, 2] } } };
    expect(parseTasmota(two, 1)).toEqual({ watts: 8, joules: 7.2e6, stamp: 't' });
    expect(() => parseTasmota(two, undefined)).toThrow(/2 outputs; say which, such as id=0/);
    expect(() => parseTasmota(two, 2)).toThrow(expect.objectContaining({ code: 'device.protocol' }));
    const summed = { StatusSNS: { ENERGY: { Power: [3, 8], Total: 5 } } };
    expect(parseTasmota(summed, 0)).toEqual({ watts: 3 });
    expect(parseTasmota({ StatusSNS: { ENERGY: { Power: [3] } } }, undefined)).toEqual({ watts: 3 });
  });

  it('[METER-10] Shelly, second generation: W and Wh', () => {
    expect(parseShellyGen2(shelly)).toEqual({
      watts: 10.7,
      joules: expect.closeTo(46_791.262 * 3600, 3),
      stamp: '1682952864',
    });
    expect(parseShellyGen2({ apower: 0 })).toEqual({ watts: 0 });
  });

  it('[METER-10] Shelly, first generation: W and watt-minutes', () => {
    const status = { relays: [], meters: [{ power: 4.25, is_valid: true, timestamp: 1682952864, total: 1200 }] };
    expect(parseShellyGen1(status, undefined)).toEqual({ watts: 4.25, joules: 72_000, stamp: '1682952864' });
  });

  it.each([[undefined], [{}], [{ StatusSNS: {} }], [{ apower: '3' }], [{ meters: [] }]])(
    '[METER-10] %j is no plug',
    (reply) => {
      for (const parse of [parseTasmota, parseShellyGen1, parseShellyGen2])
        expect(() => parse(reply, undefined)).toThrow(expect.objectContaining({ code: 'device.protocol' }));
    },
  );

  it('[METER-10] the decimals of a Tasmota are its resolution', () => {
    expect([
      parseWattRes({ WattRes: 2 }),
      parseWattRes({ WattRes: '1' }),
      parseWattRes({ Command: 'Unknown' }),
    ]).toEqual([2, 1, undefined]);
  });
});
