import { parseConstraint, type Verb } from '@hilltop/contracts';
import type { DialogName } from '../dialogs/dialogs-context.js';
import { axisMetrics, defaultView, encodeView } from '../view/view.js';
import type { Act, Call } from './act.js';
import { findThing, type Known, type Thing, type ThingKind } from './known.js';
import { leaseActs } from './lease-acts.js';
import { type Line, shellQuote, verbRow } from './parse-line.js';

export interface VerbAct {
  /** What its first argument (or, with `flag`, an option) names: offered while typing. */
  readonly names?: ThingKind;
  readonly flag?: '-m' | '-d';
  /** Which of them make sense. */
  readonly fits?: (thing: Thing) => boolean;
  readonly act: (line: Line, known: Known) => Act;
}

const isOpen = ({ state }: Thing): boolean => !['succeeded', 'failed', 'cancelled'].includes(state);

/** A line as it is typed into a terminal. */
export const lineText = ({ verb, args, options }: Line): string =>
  [
    'hilltop',
    verb,
    ...args.map(shellQuote),
    ...Object.entries(options).flatMap(([name, values]) =>
      values.flatMap((value) => [optionFlag(verb, name), ...(value === '' ? [] : [shellQuote(value)])]),
    ),
  ].join(' ');

const optionFlag = (verb: Verb, name: string): string =>
  verbRow(verb).options.some(({ flag }) => flag.includes(`--${name}`)) || name.length > 1 ? `--${name}` : `-${name}`;

/** Only in a terminal: it starts processes, or reads and writes files there. */
const terminal: VerbAct = { act: (line) => ({ kind: 'copy', line: lineText(line) }) };
const go = (href: string): VerbAct => ({ act: () => ({ kind: 'go', href }) });
const open = (dialog: DialogName): VerbAct => ({
  act: ({ options }, known) => {
    const modelId = options.model?.[0] && findThing('model', options.model[0], known)?.id;
    const deviceId = options.device?.[0] && findThing('device', options.device[0], known)?.id;
    return { kind: 'open', dialog, start: { ...(modelId && { modelId }), ...(deviceId && { deviceId }) } };
  },
});
/** The page of what the first argument names; a file named besides needs the terminal. */
const show = (names: ThingKind): VerbAct => ({
  names,
  act: (line, known) =>
    ['html', 'markdown', 'junit'].some((name) => name in line.options)
      ? { kind: 'copy', line: lineText(line) }
      : {
          kind: 'go',
          href: findThing(names, line.args[0]!, known)?.href ?? `/${names}s/${encodeURIComponent(line.args[0]!)}`,
        },
});

interface CallOptions {
  readonly body?: (line: Line) => object | string;
  readonly asks?: (title: string) => string;
  readonly fits?: (thing: Thing) => boolean;
}

/** The REST call of the row on what the first argument names. A body that is a text says what is missing. */
const call = (names: ThingKind, done: (title: string) => string, options: CallOptions = {}): VerbAct => ({
  names,
  ...(options.fits && { fits: options.fits }),
  act: (line, known) => {
    const thing = findThing(names, line.args[0]!, known);
    const title = thing?.title ?? line.args[0]!;
    const [method, route] = verbRow(line.verb).rest!.split(' ') as [Call['method'], string];
    const body = options.body?.(line) ?? {};
    if (typeof body === 'string') return { kind: 'needs', text: body };
    return {
      kind: 'call',
      method,
      path: route.replace('/api/v1/', '').replace(':id', encodeURIComponent(thing?.id ?? line.args[0]!)),
      ...(method !== 'DELETE' && { body }),
      done: done(title),
      ...(options.asks && { asks: options.asks(title) }),
    };
  },
});

const decision = (state: 'accepted' | 'reopened'): VerbAct => ({
  names: 'gate',
  act: ({ args: [gate, row], options }) => ({
    kind: 'call',
    method: 'POST',
    path: `gates/${encodeURIComponent(gate!)}/rows/${encodeURIComponent(row!)}/decision`,
    body: { state, ...(options.comment && { comment: options.comment.at(-1) }) },
    done: `Row ${row} is ${state}.`,
  }),
});

/** `1%` or `0.01` as a share. */
const shareOf = (text: string): number => (text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text));

const frontier: VerbAct = {
  names: 'model',
  flag: '-m',
  act: (line, known) => {
    const { model, device, x, y, z, where = [], protocol, csv } = line.options;
    if (csv) return { kind: 'copy', line: lineText(line) };
    if (!model) return { kind: 'go', href: '/models' };
    const axis = (text: readonly string[] | undefined) => axisMetrics.find((id) => id === text?.at(-1));
    for (const part of where.flatMap((each) => each.split(',')))
      try {
        parseConstraint(part);
      } catch (error) {
        return { kind: 'needs', text: (error as Error).message };
      }
    const third = axis(z);
    const view = encodeView({
      x: axis(x) ?? defaultView.x,
      y: axis(y) ?? defaultView.y,
      where: where.join(','),
      ...(third && { z: third }),
      ...(protocol && { protocol: protocol.at(-1) as 'quick' }),
      ...(device && { device: device.at(-1)! }),
    });
    return { kind: 'go', href: `${findThing('model', model.at(-1)!, known)?.href ?? '/models'}${view}` };
  },
};

const runs: VerbAct = {
  act: ({ options: { job, device, model } }, known) => ({
    kind: 'go',
    href: job
      ? `/jobs/${encodeURIComponent(job.at(-1)!)}`
      : ((device && findThing('device', device.at(-1)!, known)?.href) ??
        (model && findThing('model', model.at(-1)!, known)?.href) ??
        '/jobs'),
  }),
};

/** What each verb of the CLI is on the page. A new verb has no row here until somebody says what it is. */
export const verbActs = {
  up: terminal,
  demo: terminal,
  doctor: terminal,
  login: terminal,
  open: go('/'),
  agent: { act: () => ({ kind: 'open', dialog: 'add-device' }) },
  devices: go('/'),
  'device show': show('device'),
  'device rename': call('device', (title) => `${title} has its new name.`, { body: ({ args }) => ({ name: args[1] }) }),
  'device rm': call('device', (title) => `${title} is retired.`, {
    asks: (title) => `Retire ${title} and revoke its agent's key?`,
  }),
  'device check': call('device', (title) => `${title} is checked as soon as it is free.`),
  'device health': show('device'),
  'device quarantine': call('device', (title) => `${title} is in quarantine.`, {
    fits: ({ state }) => state !== 'quarantined',
    body: ({ options }) =>
      options.reason ? { reason: options.reason.at(-1) } : "add why, told to everybody: --reason 'new heat sink'",
  }),
  'device return': call('device', (title) => `${title} is back in rotation.`, {
    fits: ({ state }) => state === 'quarantined',
  }),
  models: go('/models'),
  'models push': { act: () => ({ kind: 'open', dialog: 'new-job' }) },
  'models rm': call('model', (title) => `${title} is removed.`, {
    asks: (title) => `Remove ${title} and everything made from it?`,
  }),
  recipes: terminal,
  'recipes show': terminal,
  'recipes add': terminal,
  compress: terminal,
  variants: { ...frontier },
  'artifact get': terminal,
  run: open('new-job'),
  jobs: go('/jobs'),
  'job show': show('job'),
  'job cancel': call('job', (title) => `${title} is cancelled.`, {
    fits: isOpen,
    asks: (title) => `Cancel ${title}? Its runs stop, also the one that is measured now.`,
  }),
  runs,
  'run show': {
    act: ({ args }) => ({ kind: 'go', href: `/runs/${encodeURIComponent(args[0]!)}` }),
  },
  frontier,
  compare: terminal,
  console: show('device'),
  monitor: go('/'),
  'token create': go('/settings/tokens'),
  'token ls': go('/settings/tokens'),
  'token revoke': go('/settings/tokens'),
  // A new link is shown in its dialog; those there are stand with the people.
  invite: open('share'),
  'invite ls': go('/settings/people'),
  'invite revoke': go('/settings/people'),
  ...leaseActs,
  'sweep run': open('new-sweep'),
  'sweep show': show('sweep'),
  'sweep pause': call('sweep', (title) => `${title} starts no more trials.`, {
    fits: ({ state }) => state === 'running',
  }),
  'sweep resume': {
    names: 'sweep',
    fits: ({ state }) => state === 'paused',
    act: (line, known) => {
      if (line.args.length > 1) return { kind: 'copy', line: lineText(line) };
      const thing = findThing('sweep', line.args[0]!, known);
      return {
        kind: 'call',
        method: 'POST',
        path: `sweeps/${encodeURIComponent(thing?.id ?? line.args[0]!)}/resume`,
        body: {},
        done: `${thing?.title ?? line.args[0]} goes on.`,
      };
    },
  },
  'sweep cancel': call('sweep', (title) => `${title} is cancelled.`, {
    fits: isOpen,
    asks: (title) => `Cancel ${title}, with its runs? What was measured stays.`,
    body: ({ options }) => (options.reason ? { reason: options.reason.at(-1)! } : {}),
  }),
  sweeps: go('/sweeps'),
  'sweep schema': terminal,
  'schedule add': open('new-schedule'),
  'schedule edit': show('schedule'),
  'schedule ls': go('/schedules'),
  'schedule show': show('schedule'),
  'schedule rm': call('schedule', (title) => `${title} is removed.`, {
    asks: (title) => `Remove the schedule ${title}? Its sweeps stay.`,
  }),
  'schedule trigger': call('schedule', (title) => `${title} starts now.`),
  'schedule pause': call('schedule', (title) => `${title} starts nothing until it is resumed.`, {
    fits: ({ state }) => state !== 'paused',
  }),
  'schedule resume': call('schedule', (title) => `${title} starts by the clock again.`, {
    fits: ({ state }) => state === 'paused',
  }),
  'notify add': terminal,
  'notify ls': terminal,
  'notify rm': terminal,
  'notify test': terminal,
  'baseline pin': {
    act: ({ args: [name, sweep], options }) => ({
      kind: 'call',
      method: 'POST',
      path: 'baselines',
      body: { name, sweep, ...(options.replace && { replace: true }) },
      done: `${sweep} is pinned as ${name}.`,
    }),
  },
  'baseline ls': go('/settings/baselines'),
  'baseline show': go('/settings/baselines'),
  'baseline rm': {
    act: ({ args: [name] }) => ({
      kind: 'call',
      method: 'DELETE',
      path: `baselines/${encodeURIComponent(name!)}`,
      done: `The baseline ${name} is forgotten.`,
      asks: `Forget the baseline ${name}? Its sweep stays.`,
    }),
  },
  gate: {
    names: 'sweep',
    act: (line, known) => {
      const { baseline, 'max-regression': most, metric, junit, markdown } = line.options;
      if (junit || markdown) return { kind: 'copy', line: lineText(line) };
      if (!baseline) return { kind: 'needs', text: 'add the baseline to hold it against: --baseline release' };
      return {
        kind: 'call',
        method: 'POST',
        path: 'gates',
        body: {
          sweep: findThing('sweep', line.args[0]!, known)?.id ?? line.args[0]!,
          baseline: baseline.at(-1),
          ...(most && { maxRegression: shareOf(most.at(-1)!) }),
          ...(metric && { metrics: metric }),
        },
        done: `${line.args[0]} is held against ${baseline.at(-1)}.`,
        opens: (id) => `/gates/${id}`,
      };
    },
  },
  'gate show': show('gate'),
  'gate accept': decision('accepted'),
  'gate reopen': decision('reopened'),
  gates: go('/schedules'),
  report: show('sweep'),
  guide: terminal,
  'export runs': terminal,
  'export observations': terminal,
} as const satisfies Record<Verb, VerbAct>;
