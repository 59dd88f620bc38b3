import type { Me, Reservation } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { deviceLeases, leftText } from './lease-model.js';

const me: Me = { tokenId: 'tok_aaaaaaaa', role: 'operator' };
const reservation = (id: string, more: Partial<Reservation>): Reservation => ({
  id,
  revision: 1,
  state: 'queued',
  holder: { owner: 'usr_mira0000', name: 'Mira' },
  selector: { devices: [], labels: {} },
  candidates: ['dev_pi000000'],
  forSeconds: 1800,
  createdAt: '2026-11-24T00:00:00.000Z',
  ...more,
});

describe('deviceLeases', () => {
  it('[DASH-16] tells who holds a device, who waits in which order, and what is mine', () => {
    const held = reservation('res_held0000', { state: 'held', deviceId: 'dev_pi000000' });
    const second = reservation('res_second00', { place: 2, holder: { owner: me.tokenId, name: 'nightly' } });
    const first = reservation('res_first000', { place: 1 });
    const elsewhere = reservation('res_else0000', { candidates: ['dev_other000'], place: 1 });
    const over = reservation('res_over0000', { state: 'ended', deviceId: 'dev_pi000000' });
    expect(deviceLeases('dev_pi000000', [second, over, elsewhere, held, first], me)).toEqual({
      current: held,
      queue: [first, second],
      own: second,
    });
    expect(deviceLeases('dev_free0000', [held, first], me)).toEqual({ current: undefined, queue: [], own: undefined });
  });

  it('[DASH-16] counts down in words', () => {
    const now = Date.parse('2026-11-24T12:00:00.000Z');
    const at = (seconds: number): string => new Date(now + seconds * 1000).toISOString();
    expect([leftText(at(40), now), leftText(at(61), now), leftText(at(3900), now), leftText(at(-5), now)]).toEqual([
      '40 s',
      '2 min',
      '1 h 5 min',
      '0 s',
    ]);
  });
});
