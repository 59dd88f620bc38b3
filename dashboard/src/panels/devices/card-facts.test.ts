import type { Me, PersonHere, Reservation } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { cardFacts, sameFacts } from './card-facts.js';

const me: Me = { tokenId: 'tok_mine0000', role: 'operator' };
const lease = (id: string, owner: string, more: Partial<Reservation>): Reservation =>
  ({
    id,
    state: 'queued',
    holder: { owner, name: owner },
    candidates: ['dev_pi'],
    createdAt: id,
    ...more,
  }) as Reservation;
const person = (key: string, page: string, state = 'active'): PersonHere =>
  ({ key, name: key, colour: 1, screens: [{ page, state }] }) as unknown as PersonHere;
const pi = { id: 'dev_pi', name: 'bench pi' };

describe('facts of a card', () => {
  it('[LABP-3] who holds it and whether they are here, my place, who looks at it', () => {
    const reservations = [
      lease('a', 'ana', { state: 'held', deviceId: 'dev_pi' }),
      lease('b', 'jo', { place: 1 }),
      lease('c', me.tokenId, { place: 2 }),
    ];
    const people = [
      person('ana', '/models', 'idle'),
      person('jo', '/devices/bench%20pi?x=1'),
      person('lu', '/devices/dev_pi'),
    ];
    const facts = cardFacts(pi, reservations, people, me);
    expect([facts.current?.id, facts.where, facts.place, facts.watchers.map(({ key }) => key)]).toEqual([
      'a',
      'idle',
      2,
      ['jo', 'lu'],
    ]);
    expect(cardFacts(pi, reservations, [], me)).toMatchObject({ where: 'not here', watchers: [] });
    expect(sameFacts(facts, cardFacts(pi, reservations, people, me))).toBe(true);
    expect(sameFacts(facts, cardFacts(pi, reservations, people.slice(1), me))).toBe(false);
  });
});
