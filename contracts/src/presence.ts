import * as z from 'zod';
import { Role } from './user.js';

/** Colours that tell people apart; the palette is the page's. */
export const personColours = 8;

/** Where a pointer is, in data: metric values on a chart, so that other sizes and zooms agree. */
export const PresenceCursor = z.strictObject({
  /** The panel it is in, e.g. `frontier/rpi4-a`. */
  panel: z.string().min(1).max(120),
  x: z.number(),
  y: z.number(),
});
export type PresenceCursor = z.infer<typeof PresenceCursor>;

/** What a screen says of its person; the lab adds who that is, so nobody can be someone else. */
export const PresenceUpdate = z.strictObject({
  /** Address of the view: path and query. */
  page: z.string().startsWith('/').max(600),
  /** Keys of the points, runs or devices that are selected. */
  selection: z.array(z.string().max(200)).max(20).default([]),
  /** The connection whose view this one mirrors. */
  follows: z.string().max(40).optional(),
  /** `idle`: nothing done for a minute; `away`: for five, or the page is hidden. */
  state: z.enum(['active', 'idle', 'away']).default('active'),
});
export type PresenceUpdate = z.output<typeof PresenceUpdate>;

/** One open screen of a person. Never stored. */
export const Presence = z.object({
  ...PresenceUpdate.shape,
  connection: z.string().max(40),
  person: z.object({
    /** Whose screens belong together. */
    key: z.string(),
    name: z.string(),
    role: Role,
    /** Came in by a link. */
    guest: z.literal(true).optional(),
    /** 0 to 7, the same on every screen. */
    colour: z
      .number()
      .int()
      .min(0)
      .max(personColours - 1),
  }),
});
export type Presence = z.infer<typeof Presence>;

/** What changed: who is here now (whole), which connections are gone. */
export const PresenceChanges = z.object({ here: z.array(Presence), gone: z.array(z.string()) });
export type PresenceChanges = z.infer<typeof PresenceChanges>;

/** Pointers on the page that the receiver looks at; lossy. */
export const PresenceCursors = z
  .array(z.object({ connection: z.string(), cursor: PresenceCursor.optional() }))
  .max(200);
export type PresenceCursors = z.infer<typeof PresenceCursors>;

/** Who is here after a change: the pure reducer that server tests and every client share. */
export function applyPresence(
  here: ReadonlyMap<string, Presence>,
  changes: PresenceChanges,
): ReadonlyMap<string, Presence> {
  const next = new Map(here);
  for (const connection of changes.gone) next.delete(connection);
  for (const presence of changes.here) next.set(presence.connection, presence);
  return next;
}

/** Two messages as one: the later word on each connection counts. */
export function mergePresence(
  earlier: PresenceChanges | undefined,
  later: PresenceChanges | undefined,
): PresenceChanges | undefined {
  if (earlier === undefined || later === undefined) return later ?? earlier;
  const back = new Set(later.here.map(({ connection }) => connection));
  const left = new Set(later.gone);
  return {
    here: [...earlier.here.filter(({ connection }) => !left.has(connection) && !back.has(connection)), ...later.here],
    gone: [...new Set([...earlier.gone.filter((connection) => !back.has(connection)), ...later.gone])],
  };
}

/** Screens of one person, newest state first: one avatar, however many tabs. */
export interface PersonHere {
  readonly key: string;
  readonly name: string;
  readonly role: Role;
  readonly guest?: true | undefined;
  readonly colour: number;
  readonly screens: readonly Presence[];
}

const liveliness = { active: 0, idle: 1, away: 2 } as const;

/** People by name, each once; the liveliest screen stands for them. */
export function peopleHere(all: Iterable<Presence>): PersonHere[] {
  const people = new Map<string, Presence[]>();
  for (const each of all) people.set(each.person.key, [...(people.get(each.person.key) ?? []), each]);
  return [...people.values()]
    .map((screens) => {
      screens.sort((a, b) => liveliness[a.state] - liveliness[b.state] || a.connection.localeCompare(b.connection));
      return { ...screens[0]!.person, screens };
    })
    .sort((a, b) => a.name.localeCompare(b.name) || a.key.localeCompare(b.key));
}

/** `AN` of Ana, `MB` of Mira Berg. */
export function initialsOf(name: string): string {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
  const letters =
    words.length > 1 ? words.slice(0, 2).map((word) => [...word][0]!) : [...(words[0] ?? '?')].slice(0, 2);
  return letters.join('').toUpperCase();
}

/** The path of a view's address: who is on the same page may still look at it differently. */
export const pathOf = (address: string): string => address.split('?')[0]!;
