import type { Presence, PresenceUpdate } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { Presences } from './presences.js';

function harness() {
  const said: PresenceUpdate[] = [];
  const timers: (() => void)[] = [];
  let connection: string | undefined = 'me';
  const presences = new Presences({
    say: (update) => void said.push(update),
    connection: () => connection,
    setTimer: (callback) => void timers.push(callback),
  });
  const pass = (): void => {
    for (const timer of timers.splice(0)) timer();
  };
  return { presences, said, pass, lose: () => (connection = undefined) };
}

const ana: Presence = {
  connection: 'a',
  person: { key: 'usr_ana', name: 'Ana', role: 'operator', colour: 0 },
  page: '/models/net',
  selection: [],
  state: 'active',
};

describe('Presences', () => {
  it('[PRES-7] says what the screen shows, once for a burst, and all of it again after a reconnection', () => {
    const { presences, said, pass } = harness();
    presences.connected();
    presences.show({ page: '/', state: 'active' });
    presences.show({ page: '/models', selection: ['var_1'] });
    pass();
    presences.show({ page: '/models' });
    pass();
    expect(said).toEqual([{ page: '/models', selection: ['var_1'], state: 'active' }]);
    presences.connected();
    pass();
    expect(said).toHaveLength(2);
    expect(said[1]).toEqual(said[0]);
  });

  it('[PRES-7] without a connection nothing is said, and nothing is kept to be said late', () => {
    const { presences, said, pass, lose } = harness();
    lose();
    presences.show({ page: '/models' });
    pass();
    expect(said).toEqual([]);
  });

  it('[PRES-8] follows somebody until they are gone', () => {
    const { presences, said, pass } = harness();
    presences.connected();
    presences.received({ here: [ana], gone: [] });
    presences.follow('a');
    pass();
    expect(said.at(-1)).toMatchObject({ follows: 'a' });
    presences.received({ here: [], gone: ['a'] });
    expect(presences.store.getState()).toMatchObject({ follows: undefined, here: new Map() });
    presences.received('nonsense');
    presences.follow('me');
    expect(presences.store.getState().follows).toBeUndefined();
  });
});
