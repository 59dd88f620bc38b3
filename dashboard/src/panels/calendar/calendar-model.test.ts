import type { Device, Reservation, Schedule } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { bookedSeconds, calendarRows, percentOf, spanOf, ticksOf } from './calendar-model.js';

const hour = 3_600_000;
const nowMs = new Date(2026, 10, 24, 12).getTime();
const at = (hours: number): string => new Date(nowMs + hours * hour).toISOString();
const device = (name: string, more: Partial<Device> = {}): Device =>
  ({ id: name, name, state: 'available', labels: {}, facts: { arch: 'x64' }, ...more }) as unknown as Device;
const lease = (id: string, more: Partial<Reservation>): Reservation =>
  ({
    ...{ id, holder: { owner: id, name: id }, candidates: ['pi'], forSeconds: 3600, createdAt: at(-2) },
    ...more,
  }) as Reservation;
const span = spanOf('today', nowMs);

describe('calendar of the devices', () => {
  it('[CAL-1] shows leases, the earliest times of the queue, next starts and quarantine, and nothing it does not know', () => {
    const rows = calendarRows({
      devices: [
        device('pi'),
        device('pi-2', { quarantine: { reason: 'hot', since: at(-1) } }),
        device('gone', { state: 'retired' }),
      ],
      reservations: [
        lease('ana', { state: 'held', deviceId: 'pi', takenAt: at(-1), until: at(2) }),
        lease('jo', { state: 'queued', place: 1 }),
        lease('lu', { state: 'queued', place: 2 }),
        lease('old', { state: 'ended', deviceId: 'pi', takenAt: at(-3), ended: { reason: 'released', at: at(-2) } }),
        lease('never', { state: 'ended', ended: { reason: 'withdrawn', at: at(-2) } }),
      ],
      schedules: [
        {
          ...{ id: 'sch', name: 'nightly', nextAt: at(11), file: { selector: { devices: ['pi'], labels: {} } } },
          last: { at: at(-13), endedAt: at(-12.5) },
        } as unknown as Schedule,
        { id: 'x', name: 'paused', file: { selector: { devices: [], labels: {} } } } as unknown as Schedule,
      ],
      ...{ owner: 'jo', span, nowMs },
    });
    const hours = (ms: number): number => (ms - nowMs) / hour;
    expect(
      rows.map(({ device: { name }, blocks }) => [
        name,
        blocks.map(({ kind, text, fromMs, toMs, isMine, isOpen }) => [
          kind,
          text,
          hours(fromMs),
          hours(toMs),
          isMine,
          isOpen,
        ]),
      ]),
    ).toEqual([
      [
        'pi',
        [
          ['past', 'old', -3, -2, false, false],
          ['lease', 'ana', -1, 2, false, false],
          ['queue', 'jo', 2, 3, true, false],
          ['queue', 'lu', 3, 4, false, false],
          ['schedule', 'nightly', 11, 11.5, false, false],
        ],
      ],
      ['pi-2', [['quarantine', 'quarantine: hot', -1, 12, false, true]]],
    ]);
  });

  it('[CAL-1] what goes on beyond the edge says so', () => {
    const reservations = [lease('ana', { state: 'held', deviceId: 'pi', takenAt: at(-30), until: at(20) })];
    const [row] = calendarRows({ devices: [device('pi')], reservations, schedules: [], owner: undefined, span, nowMs });
    expect(row!.blocks).toMatchObject([{ fromMs: span.fromMs, toMs: span.toMs, isOpen: true }]);
    expect([percentOf(span, nowMs), percentOf(span, 0), percentOf(span, nowMs * 2)]).toEqual([50, 0, 100]);
  });

  it('[CAL-7] a drag books in quarters of an hour from now on', () => {
    expect([0, 7, 8, 61].map((minutes) => bookedSeconds(nowMs, nowMs + minutes * 60_000))).toEqual([
      900, 900, 900, 3600,
    ]);
    expect([ticksOf(span).length, ticksOf(spanOf('week', nowMs)).length]).toEqual([8, 7]);
  });
});
