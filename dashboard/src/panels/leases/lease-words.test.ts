import type { Reservation } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { earliestMs, holderText, wishText } from './lease-words.js';

const nowMs = Date.parse('2026-11-24T12:00:00.000Z');
const at = (seconds: number): string => new Date(nowMs + seconds * 1000).toISOString();
const lease = (more: Partial<Reservation>): Reservation => ({
  ...{ id: 'rsv_00000001', revision: 1, state: 'held', holder: { owner: 'usr_ana', name: 'Ana' } },
  ...{ selector: { devices: [], labels: {} }, candidates: [], forSeconds: 600, createdAt: at(0) },
  ...more,
});

describe('words of leases', () => {
  it('[CAL-3] who lost a race hears by how much, to whom and their place', () => {
    const queued = lease({ state: 'queued', place: 1, createdAt: at(0.2) });
    expect([
      wishText(lease({}), undefined, 'pi'),
      wishText(queued, lease({}), 'pi'),
      wishText({ ...queued, createdAt: at(60), place: 2 }, lease({}), 'pi'),
      wishText(queued, undefined, 'pi'),
    ]).toEqual([
      'pi is yours.',
      'Ana was 0.2 s earlier, you are 1st in queue.',
      'Ana holds pi, you are 2nd in queue.',
      'You are 1st in queue for pi.',
    ]);
  });

  it('[CAL-2] a place in the queue has an earliest time: what is left, and all that is wished before', () => {
    const current = lease({ until: at(100) });
    const queue = [lease({ state: 'queued', forSeconds: 60 }), lease({ state: 'queued', forSeconds: 30 })];
    const own = undefined;
    const seconds = [1, 2, 3].map((place) => (earliestMs({ current, queue, own }, place, nowMs) - nowMs) / 1000);
    expect(seconds).toEqual([100, 160, 190]);
    expect(earliestMs({ current: undefined, queue: [], own }, 1, nowMs)).toBe(nowMs);
  });

  it('[LABP-3] says whether the holder is here', () => {
    const clock = () => '14:40';
    expect([
      holderText(lease({ until: at(1) }), true, 'here', clock),
      holderText(lease({ until: at(1) }), false, 'here', clock),
      holderText(lease({ until: at(1) }), false, 'not here', clock),
      holderText(lease({ state: 'granted', until: at(1) }), false, 'away', clock),
    ]).toEqual([
      'held by you until 14:40',
      'held by Ana until 14:40',
      'held by Ana, not here, until 14:40',
      'waits for Ana to take it until 14:40',
    ]);
  });
});
