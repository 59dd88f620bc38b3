import { type Access, initialsOf, type Verb, verbs } from '@hilltop/contracts';
import type { DialogName } from '../dialogs/dialogs-context.js';
import type { Act } from './act.js';
import { type Known, type Thing, type ThingKind, thingsOf } from './known.js';
import { readLine, verbRow } from './parse-line.js';
import { type VerbAct, verbActs } from './verb-acts.js';

/** A row of the palette. */
export interface Entry {
  /** The same at each visit: what was chosen lately stands first. */
  readonly id: string;
  readonly group: string;
  readonly title: string;
  readonly detail?: string;
  /** Shown beside: `g l`. */
  readonly keys?: string;
  /** Found by these words too. */
  readonly words?: string;
  readonly act: Act;
  /** What it demands of the person. */
  readonly access?: Access;
}

/** Screens, with the keys that go there. */
export const screens = [
  { href: '/', title: 'Lab', keys: 'g l' },
  { href: '/models', title: 'Models', keys: 'g m' },
  { href: '/jobs', title: 'Jobs', keys: 'g j' },
  { href: '/sweeps', title: 'Sweeps', keys: 'g s' },
  { href: '/schedules', title: 'Schedules', keys: 'g n' },
  { href: '/reservations', title: 'Reservations', keys: 'g r' },
  { href: '/settings', title: 'Settings', keys: undefined },
] as const;

const actions: readonly (readonly [DialogName, title: string, words: string])[] = [
  ['new-job', 'New job', 'measure run push upload model'],
  ['add-device', 'Add a device', 'agent join board'],
  ['new-sweep', 'New sweep', 'search'],
  ['new-schedule', 'New schedule', 'nightly cron'],
  ['reserve', 'Reserve a device', 'lease hold book'],
  ['hand-over', 'Hand a device over', 'lease give'],
  ['share', 'Let somebody watch', 'invite guest link share'],
  ['take-home', 'Take a variant home', 'artifact download ship'],
];

const kinds = ['device', 'model', 'job', 'sweep', 'schedule', 'gate'] as const satisfies readonly ThingKind[];
export const groupOf = {
  device: 'Devices',
  model: 'Models',
  job: 'Jobs',
  sweep: 'Sweeps',
  schedule: 'Schedules',
  gate: 'Gates',
};

/** Everything that can be chosen without typing a line. `has`: whether the page has that dialog. */
export function allEntries(known: Known, has: (name: DialogName) => boolean): readonly Entry[] {
  return [
    ...screens.map(({ href, title, keys }) => ({
      id: `go:${href}`,
      group: 'Go to',
      title,
      ...(keys !== undefined && { keys }),
      act: { kind: 'go' as const, href },
    })),
    ...actions
      .filter(([dialog]) => has(dialog))
      .map(([dialog, title, words]) => ({
        id: `open:${dialog}`,
        group: 'Actions',
        title,
        words,
        // Whoever may look may take a file home.
        access: dialog === 'take-home' ? ('viewer' as const) : ('operator' as const),
        act: { kind: 'open' as const, dialog },
      })),
    {
      id: 'share',
      group: 'Actions',
      title: 'Share this view',
      detail: 'copies its address',
      words: 'link url',
      act: { kind: 'copy', line: known.address },
    },
    ...known.people.map(({ key, name, role, screens: [screen] }) => ({
      id: `follow:${key}`,
      group: 'People',
      title: `Follow ${name}`,
      detail: `${role}, on ${screen!.page.split('?')[0]}`,
      words: initialsOf(name),
      act: { kind: 'follow' as const, connection: screen!.connection },
    })),
    ...kinds.flatMap((kind) => thingsOf(kind, known).map(thingEntry)),
    ...(Object.keys(verbs) as Verb[]).map((verb) => verbEntry(verb, known)),
  ];
}

const thingEntry = (thing: Thing): Entry => ({
  id: `${thing.kind}:${thing.id}`,
  group: groupOf[thing.kind],
  title: thing.title,
  detail: thing.detail,
  words: thing.kind,
  act: { kind: 'go', href: thing.href },
});

/** A verb as a row: it acts at once where it needs no word more, and goes on as a line where it does. */
export function verbEntry(verb: Verb, known: Known): Entry {
  const row = verbRow(verb);
  const { line } = readLine(verb);
  const { names, act }: VerbAct = verbActs[verb];
  const rest: Act = line && !names ? act(line, known) : { kind: 'fill', text: `>${verb} ` };
  return {
    id: `verb:${verb}`,
    group: 'Commands',
    title: verb,
    detail: row.summary,
    act: rest.kind === 'needs' ? { kind: 'fill', text: `>${verb} ` } : rest,
    ...(row.access && { access: row.access }),
  };
}
