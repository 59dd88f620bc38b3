import type { Device, GateSummary, Reservation, Schedule } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { needsOf } from './needs.js';

const at = (minute: number): string => `2026-11-24T12:${String(minute).padStart(2, '0')}:00.000Z`;
const device = (name: string, more: Partial<Device>): Device =>
  ({ id: name, name, state: 'available', ...more }) as Device;
const gate = (id: string, more: Partial<GateSummary>): GateSummary =>
  ({
    id,
    sweepName: 'nightly',
    baselineName: 'release',
    verdict: 'worse',
    counts: { worse: 2 },
    ...more,
  }) as GateSummary;
const schedule = (name: string, more: Partial<Schedule>): Schedule =>
  ({ id: name, name, paused: false, ...more }) as Schedule;

describe('what needs a person', () => {
  it('[LABP-1] people who wait come first, then devices by how bad it is, then nights; each with one action', () => {
    const reservation = { deviceName: 'pi', ask: { by: { name: 'Ana' }, at: at(1) } } as Reservation;
    const needs = needsOf({
      devices: [
        device('well', { lastCheck: { healthy: true, at: at(1), jobId: 'job' } }),
        device('gone', { state: 'offline', stateReason: 'no word', lastSeenAt: at(2) }),
        device('checked', { lastCheck: { healthy: false, at: at(3), jobId: 'job' } }),
        device('mended', { state: 'maintenance', quarantine: { reason: 'fan', since: at(1), kind: 'maintenance' } }),
        device('hot', { state: 'quarantined', quarantine: { reason: 'canary +18 %', since: at(4) } }),
      ],
      notices: [{ kind: 'ask', reservation, key: 'r ask' }],
      gates: [],
      schedules: [
        schedule('broken', {
          last: { state: 'failed', at: at(5), error: { code: 'x', message: 'no model' } } as never,
        }),
        schedule('stopped', { paused: true, last: { state: 'failed', at: at(5) } as never }),
        schedule('good', { last: { state: 'ended', sweepState: 'succeeded', at: at(5) } as never }),
      ],
    });
    expect(needs.map(({ name, tone, what, since, action }) => [name, tone, what, since, action.kind])).toEqual([
      ['pi', 'warn', 'Ana asks for it', at(1), 'give'],
      ['hot', 'bad', 'quarantined: canary +18 %', at(4), 'look'],
      ['checked', 'warn', 'its last health check failed', at(3), 'check'],
      ['gone', 'off', 'offline: no word', at(2), 'look'],
      ['broken', 'bad', 'its last start failed: no model', at(5), 'look'],
    ]);
  });

  it('[LABP-1] of the gates of one sweep against one baseline only the newest counts', () => {
    const gates = [
      gate('old', { createdAt: at(1) }),
      gate('new', { createdAt: at(9), verdict: 'same' }),
      gate('other', { createdAt: at(5), baselineName: 'last week' }),
    ];
    expect(needsOf({ devices: [], notices: [], schedules: [], gates }).map(({ key, what }) => [key, what])).toEqual([
      ['other', '2 regressed against last week'],
    ]);
  });
});
