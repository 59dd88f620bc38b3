import {
  applyPresence,
  mergePresence,
  type Presence,
  type PresenceChanges,
  type PresenceUpdate,
  peopleHere,
} from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { graceMs, type Person, Roster } from './roster.js';

const ana: Person = { key: 'usr_ana', name: 'Ana', role: 'operator' };
const mira: Person = { key: 'usr_mira', name: 'Mira', role: 'viewer' };
const on = (page: string, more: Partial<PresenceUpdate> = {}): PresenceUpdate => ({
  page,
  selection: [],
  state: 'active',
  ...more,
});

describe('Roster', () => {
  it('[PRES-1] tells who is here, what they look at and select, each with a colour of their own', () => {
    const roster = new Roster();
    roster.update('a', ana, on('/models/net?x=size_bytes', { selection: ['var_1|threads=1'] }));
    roster.update('m', mira, on('/'));
    expect(roster.changes()).toEqual({
      here: [
        {
          connection: 'a',
          person: { ...ana, colour: 0 },
          page: '/models/net?x=size_bytes',
          selection: ['var_1|threads=1'],
          state: 'active',
        },
        { connection: 'm', person: { ...mira, colour: 1 }, page: '/', selection: [], state: 'active' },
      ],
      gone: [],
    });
    expect(roster.changes()).toBeUndefined();
  });

  it('[PRES-2] one person with two tabs is one person, of one colour', () => {
    const roster = new Roster();
    roster.update('a1', ana, on('/', { state: 'away' }));
    roster.update('a2', ana, on('/models'));
    expect(peopleHere(roster.all().here)).toMatchObject([
      { key: 'usr_ana', colour: 0, screens: [{ connection: 'a2' }, { connection: 'a1' }] },
    ]);
  });

  it('[PRES-3] who reloads was never gone; who stays away is, ten seconds later', () => {
    const roster = new Roster();
    roster.update('a1', ana, on('/'));
    roster.changes();
    roster.leave('a1', 1000);
    expect([roster.expire(1000 + graceMs - 1), roster.changes()]).toEqual([true, undefined]);
    roster.update('a2', ana, on('/'));
    expect(roster.changes()).toMatchObject({ here: [{ connection: 'a2' }], gone: ['a1'] });
    roster.leave('a2', 5000);
    expect([roster.expire(5000 + graceMs), roster.changes()]).toEqual([false, { here: [], gone: ['a2'] }]);
  });

  it('[PRES-4] nobody follows themselves, somebody who is gone, or in a circle', () => {
    const roster = new Roster();
    roster.update('a', ana, on('/', { follows: 'a' }));
    roster.update('m', mira, on('/', { follows: 'nobody' }));
    expect(roster.all().here.map((p) => p.follows)).toEqual([undefined, undefined]);
    roster.update('a', ana, on('/', { follows: 'm' }));
    roster.update('m', mira, on('/', { follows: 'a' }));
    expect(roster.all().here.map((p) => [p.connection, p.follows])).toEqual([
      ['a', 'm'],
      ['m', undefined],
    ]);
    roster.leave('m', 0);
    roster.expire(graceMs);
    expect(roster.all().here).toMatchObject([{ connection: 'a' }]);
    expect(roster.all().here[0]!.follows).toBeUndefined();
  });

  it('[PRES-5] pointers are told by page, and end with it', () => {
    const roster = new Roster();
    roster.update('a', ana, on('/models/net?x=size_bytes'));
    roster.point('a', { panel: 'frontier/pi', x: 1, y: 2 });
    roster.point('nobody', { panel: 'frontier/pi', x: 1, y: 2 });
    expect([...roster.moves()]).toEqual([
      ['/models/net', [{ connection: 'a', cursor: { panel: 'frontier/pi', x: 1, y: 2 } }]],
    ]);
    expect(roster.moves().size).toBe(0);
  });

  it('[PRES-6] whatever happens, those who add up the changes see what the lab sees', () => {
    const step = fc.record({
      connection: fc.constantFrom('c1', 'c2', 'c3', 'c4'),
      what: fc.constantFrom('update', 'leave', 'expire', 'tell'),
      page: fc.constantFrom('/', '/models', '/models/net'),
      follows: fc.option(fc.constantFrom('c1', 'c2', 'c3', 'c4'), { nil: undefined }),
      ms: fc.integer({ min: 0, max: 8000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const roster = new Roster();
        let seen: ReadonlyMap<string, Presence> = new Map();
        // A slow screen is told once, at the end.
        let untold: PresenceChanges | undefined;
        let now = 0;
        const tell = (): void => {
          const changes = roster.changes();
          if (changes) seen = applyPresence(seen, changes);
          untold = mergePresence(untold, changes);
        };
        for (const { connection, what, page, follows, ms } of steps) {
          now += ms;
          const person = connection === 'c1' || connection === 'c2' ? ana : mira;
          if (what === 'update') roster.update(connection, person, on(page, follows ? { follows } : {}));
          else if (what === 'leave') roster.leave(connection, now);
          else if (what === 'expire') roster.expire(now);
          else tell();
        }
        tell();
        const byConnection = (all: Iterable<Presence>): Presence[] =>
          [...all].sort((a, b) => a.connection.localeCompare(b.connection));
        expect(byConnection(seen.values())).toEqual(byConnection(roster.all().here));
        const late = applyPresence(new Map(), untold ?? { here: [], gone: [] });
        expect(byConnection(late.values())).toEqual(byConnection(roster.all().here));
        for (const each of seen.values()) if (each.follows) expect(seen.has(each.follows)).toBe(true);
      }),
    );
  });
});
