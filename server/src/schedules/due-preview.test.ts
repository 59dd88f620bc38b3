import { describe, expect, it } from '@jest/globals';
import { cronWords } from './cron-words.js';
import { duePreview } from './due-preview.js';

describe('what a rule would do', () => {
  it('[NIGHT-1] says it in words', () => {
    expect(
      ['0 2 * * *', '30 1 * * 1-5', '0 */6 * * *', '*/15 * * * *', '0 8,20 1 * *', '5 4 1,15 1 FRI', '0 0-6 * * *'].map(
        cronWords,
      ),
    ).toEqual([
      'every day at 02:00',
      'on Monday to Friday at 01:30',
      'every 6 hours at minute 0',
      'every 15 minutes',
      'on day 1 of the month at 08:00 and 20:00',
      'on day 1 and 15 of the month or on Friday at 04:05 in January',
      'every day at minute 0 of hour 0-6',
    ]);
  });

  it('[NIGHT-1] tells the next five starts in the zone, and what the change of clocks does', () => {
    const preview = duePreview({ cron: '30 2 * * *', timezone: 'Europe/Berlin' }, Date.parse('2026-03-27T12:00:00Z'));
    expect(preview).toEqual({
      words: 'every day at 02:30',
      starts: [
        { at: '2026-03-28T01:30:00.000Z', wall: '2026-03-28T02:30', offsetMinutes: 60 },
        // Half past two is left out that night: it starts when three o'clock comes.
        { at: '2026-03-29T01:00:00.000Z', wall: '2026-03-29T03:00', offsetMinutes: 120 },
        { at: '2026-03-30T00:30:00.000Z', wall: '2026-03-30T02:30', offsetMinutes: 120 },
        { at: '2026-03-31T00:30:00.000Z', wall: '2026-03-31T02:30', offsetMinutes: 120 },
        { at: '2026-04-01T00:30:00.000Z', wall: '2026-04-01T02:30', offsetMinutes: 120 },
      ],
      clocks: {
        at: '2026-03-29T01:00:00.000Z',
        from: 60,
        to: 120,
        start: { at: '2026-03-29T01:00:00.000Z', wall: '2026-03-29T03:00', offsetMinutes: 120 },
      },
    });
    const utc = duePreview({ cron: '0 2 * * *', timezone: 'UTC' }, Date.parse('2026-03-27T12:00:00Z'));
    expect(utc.clocks).toBeUndefined();
    expect(() => duePreview({ cron: '0 2 30 2 *', timezone: 'UTC' }, 0)).toThrow(
      expect.objectContaining({ code: 'schedule.cron-invalid' }),
    );
  });
});
