import { describe, expect, it } from '@jest/globals';
import { explainWaiting, middleSeconds, type WaitingCase, type WaitingGroup } from './waiting.js';

const at = '2026-01-01T00:00:00.000Z';
const later = '2026-01-01T01:00:00.000Z';
const group = (jobId: string, more: Partial<WaitingGroup> = {}): WaitingGroup => ({
  ...{ jobId, owner: 'ann', priority: 0, position: 10, count: 1, protocol: 'quick' },
  ...more,
});
const base: WaitingCase = {
  run: {
    ...{ jobId: 'mine', owner: 'ann', priority: 0, protocol: 'quick', built: true, canary: false },
    ...{ before: 0, atLimit: false },
  },
  device: { name: 'pi', state: 'available' },
  groups: [group('mine')],
  seconds: new Map([['quick', 20]]),
  nowMs: Date.parse(at) + 5_000,
};
const waits = (
  run: Partial<WaitingCase['run']>,
  device: Partial<WaitingCase['device']>,
  more: Partial<WaitingCase> = {},
) => explainWaiting({ ...base, ...more, run: { ...base.run, ...run }, device: { ...base.device, ...device } });
const hold = { owner: 'bob', name: 'Bob', until: later };
const current = { by: 'bob', protocol: 'quick', claimedAt: at };

describe('explainWaiting', () => {
  it.each([
    ['build', waits({ built: false }, { state: 'offline' })],
    ['offline', waits({}, { state: 'offline', reason: 'its agent is away', quarantine: 'hot' })],
    ['unhealthy', waits({}, { state: 'unhealthy' })],
    ['quarantined', waits({}, { quarantine: 'hot', hold })],
    ['lease', waits({}, { hold, current })],
    ['parallel', waits({ atLimit: true }, { current })],
    ['priority', waits({}, {}, { groups: [group('mine'), group('urgent', { priority: 3, owner: 'bob' })] })],
    ['queue', waits({ before: 2 }, { state: 'cooling', current })],
    ['cooling', waits({}, { state: 'cooling', current })],
    ['device-busy', waits({}, { state: 'busy', current })],
    ['device-busy', waits({}, { besides: 'pico' })],
    ['starting', waits({}, {})],
    ['starting', waits({ canary: true }, { quarantine: 'hot' })],
    ['starting', waits({}, { hold: { ...hold, owner: 'ann' } })],
  ] as const)('[QUEUE-8] names what keeps it: %s', (why, waiting) => {
    expect(waiting.why).toBe(why);
  });

  it('[QUEUE-8] says for whom: the holder of a lease, or whoever it measures for', () => {
    expect(waits({}, { hold })).toMatchObject({ for: 'Bob', until: later });
    expect(waits({}, { state: 'busy', current })).toMatchObject({ for: 'bob' });
  });

  it('[QUEUE-9] counts what comes first: higher priority, its own before it, and the turns of others', () => {
    const groups = [
      group('older', { position: 1, count: 2 }),
      group('mine', { position: 5, count: 3 }),
      group('younger', { position: 7, count: 9 }),
      group('bobs', { owner: 'bob', position: 2, count: 4 }),
      group('cleos', { owner: 'cleo', position: 8, count: 50 }),
      group('low', { owner: 'bob', priority: -1, position: 0, count: 9 }),
      group('high', { owner: 'bob', priority: 1, position: 9, count: 2 }),
    ];
    // 2 of `high`; 2 of `older` and 1 of its own; of Bob, who came first, 4; of Cleo 3.
    const place = { position: 2 + 3 + 4 + 3 + 1, estimateSeconds: 12 * 20 + 15 };
    expect(waits({ before: 1 }, { state: 'busy', current }, { groups })).toMatchObject({ why: 'priority', ...place });
  });

  it('[QUEUE-9] estimates from what runs took here, and not at all where one kind was never measured', () => {
    expect(waits({}, { state: 'busy', current })).toMatchObject({ position: 1, estimateSeconds: 15 });
    const unknown = { ...current, protocol: 'strict' };
    expect(waits({}, { state: 'busy', current: unknown }).estimateSeconds).toBeUndefined();
    const overdue = { ...current, claimedAt: '2025-12-31T00:00:00.000Z' };
    expect(waits({}, { state: 'busy', current: overdue }).estimateSeconds).toBe(0);
    expect(Object.fromEntries(middleSeconds([10, 90, 20].map((seconds) => ({ protocol: 'quick', seconds }))))).toEqual({
      quick: 20,
    });
  });
});
