import type { Reservation } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { receivers } from './receivers.js';

describe('receivers of a device', () => {
  it('[CAL-6] those who wait come first, then who is here; the holder is not among them', () => {
    const user = (id: string) => ({ id, name: id.toUpperCase() });
    const queue = [{ holder: { owner: 'mira', name: 'MIRA' } }] as Reservation[];
    const here = new Map([
      ['mira', 'active'],
      ['jo', 'idle'],
    ] as const);
    expect(receivers(['ana', 'abe', 'jo', 'mira'].map(user), queue, 'ana', here)).toEqual([
      { id: 'mira', name: 'MIRA', words: '1st in queue, here now' },
      { id: 'jo', name: 'JO', words: 'here, idle' },
      { id: 'abe', name: 'ABE', words: '' },
    ]);
  });
});
