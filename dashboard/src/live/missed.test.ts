import { type Activity, noEntities } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { type Before, missedOf } from './missed.js';

const atMs = Date.parse('2026-11-24T10:00:00Z');
const map = (...values: object[]): ReadonlyMap<string, never> =>
  new Map(values.map((value) => [(value as { id: string }).id, value as never]));
const counts = (succeeded: number, failed = 0) => ({ succeeded, failed, cancelled: 0, running: 1 });
const job = { id: 'job_1', modelName: 'net', name: 'night', createdAt: '2026-11-24T09:00:00Z' };
const before: Before = {
  atMs,
  entities: {
    job: map({ ...job, state: 'running', counts: counts(3) }),
    device: map({ id: 'd1', name: 'rpi', state: 'available' }, { id: 'd2', name: 'pico', state: 'offline' }),
    sweep: map({ id: 's1', name: 'search', state: 'running' }),
  },
};
const activity = (seq: number, at: string, owner: string): Activity => ({
  seq,
  at,
  by: { owner, name: owner === 'me' ? 'Me' : 'Ana' },
  did: 'took a lease',
  object: { kind: 'reservation', name: 'jetson-1' },
  link: '/reservations',
});

describe('what was missed', () => {
  it('[LINK-3] runs and jobs that ended, devices that went and came, and what others did', () => {
    const after = {
      job: map(
        { ...job, state: 'succeeded', counts: counts(6, 1) },
        // Older than what the page held, and never on it: no news.
        { ...job, id: 'job_0', state: 'failed', counts: counts(0, 9), createdAt: '2026-11-20T09:00:00Z' },
      ),
      device: map({ id: 'd1', name: 'rpi', state: 'offline' }, { id: 'd2', name: 'pico', state: 'available' }),
      sweep: map({ id: 's1', name: 'search', state: 'succeeded' }),
    };
    const activities = [
      activity(3, '2026-11-24T10:02:00Z', 'ana'),
      activity(2, '2026-11-24T10:01:00Z', 'me'),
      activity(1, '2026-11-24T09:59:00Z', 'ana'),
    ];
    expect(missedOf(before, after, activities, 'me')).toEqual([
      { text: '4 runs ended', href: '/jobs' },
      { text: 'night succeeded', href: '/jobs/job_1' },
      { text: 'rpi went offline', href: '/devices/rpi' },
      { text: 'pico is back', href: '/devices/pico' },
      { text: 'sweep search succeeded', href: '/sweeps/s1' },
      { text: 'Ana took a lease (jetson-1)', href: '/reservations' },
    ]);
  });

  it('[LINK-3] nothing when nothing happened', () => {
    expect(missedOf(before, before.entities, [], 'me')).toEqual([]);
    expect(missedOf({ atMs, entities: noEntities }, noEntities, [], undefined)).toEqual([]);
  });
});
