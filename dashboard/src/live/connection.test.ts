import { describe, expect, it } from '@jest/globals';
import { pillOf, writesBlockedBy } from './connection.js';

describe('connection', () => {
  it('[DASH-3] says how it stands, counting at first and with the time of day after a minute', () => {
    const at = (status: 'live' | 'away' | 'connecting' | 'refused', ms: number) =>
      pillOf({ status, sinceMs: 0, roundTripMs: 40.4 }, ms);
    expect(at('live', 5).text).toBe('live 40\u00a0ms');
    expect(at('away', 14_000)).toEqual({ kind: 'reconnecting', text: 'reconnecting 14\u00a0s' });
    expect(at('away', 60_001).text).toMatch(/^offline since \d\d:\d\d$/);
    expect([at('connecting', 0).kind, at('refused', 0).kind]).toEqual(['reconnecting', 'offline']);
  });

  it('[DASH-3] nothing may be written unless the lab is there', () => {
    const blocked = (['live', 'away', 'connecting', 'refused'] as const).map(
      (status) => writesBlockedBy({ status, sinceMs: 0 }) !== undefined,
    );
    expect(blocked).toEqual([false, true, true, true]);
  });
});
