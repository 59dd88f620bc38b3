import type { Me, Reservation } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { lastMinute, leaseNotices } from './lease-notices.js';

const me: Me = { tokenId: 'tok_mine0000', role: 'operator' };
const mine = { owner: me.tokenId, name: 'me' };
const ana = { owner: 'usr_ana00000', name: 'Ana' };
const nowMs = Date.parse('2026-11-24T12:00:00.000Z');
const at = (seconds: number): string => new Date(nowMs + seconds * 1000).toISOString();
const lease = (id: string, more: Partial<Reservation>): Reservation => ({
  ...{ id, revision: 1, state: 'held', holder: mine, deviceId: `dev_${id}`, deviceName: id, until: at(3000) },
  ...{ selector: { devices: [], labels: {} }, candidates: [], forSeconds: 600, createdAt: at(-60) },
  ...more,
});
const ask = { by: ana, at: at(-10), until: at(110) };

describe('notices of leases', () => {
  it('[CAL-5] the holder hears of questions, of the end, of an admin, of what was granted; the asker of the answer', () => {
    const notices = leaseNotices(
      [
        lease('quiet', {}),
        lease('ends', { state: 'ending', until: at(200) }),
        lease('asked', { ask }),
        lease('old', { ask: { ...ask, until: at(-1) } }),
        lease('granted', { state: 'granted', until: at(100) }),
        lease('forced', { until: at(250), forced: { by: 'root', reason: 'drill', at: at(30) } }),
        lease('theirs', { holder: ana, ask: { ...ask, by: mine, answer: 'no' } }),
        lease('other', { holder: ana, state: 'ending', until: at(20), ask }),
        lease('over', { state: 'ended' }),
      ],
      me,
      nowMs,
    );
    expect(notices.map(({ kind, reservation }) => [kind, reservation.id])).toEqual([
      ['forced', 'forced'],
      ['ask', 'asked'],
      ['granted', 'granted'],
      ['ending', 'ends'],
      ['answered', 'theirs'],
    ]);
    expect(new Set(notices.map(({ key }) => key)).size).toBe(notices.length);
  });

  it('[CAL-4] the last minute is asked about; an extended lease is another end', () => {
    const ending = (seconds: number) => leaseNotices([lease('ends', { until: at(seconds) })], me, nowMs);
    expect(lastMinute(ending(61), nowMs)).toBeUndefined();
    expect(lastMinute(ending(59), nowMs)?.reservation.id).toBe('ends');
    expect(ending(59)[0]!.key).not.toBe(ending(200)[0]!.key);
    expect(ending(301)).toEqual([]);
  });
});
