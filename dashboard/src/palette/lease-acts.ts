import { leaseAnswers, parseLabels, type Reservation } from '@hilltop/contracts';
import { isOwn } from '../panels/leases/lease-model.js';
import type { Act } from './act.js';
import { findThing, type Known, leasesOf } from './known.js';
import { type Line, secondsOf } from './parse-line.js';
import type { VerbAct } from './verb-acts.js';

const halfHour = 1800;
const needs = (text: string): Act => ({ kind: 'needs', text });

function command(lease: Reservation, verb: string, done: string, more: object = {}, asks?: string): Act {
  return {
    kind: 'call',
    method: 'POST',
    path: `leases/${encodeURIComponent(lease.id)}/${verb}`,
    // The lab refuses it when something changed meanwhile.
    body: { revision: lease.revision, ...more },
    done,
    ...(asks !== undefined && { asks }),
  };
}

/** A command on one's own lease of the device that the first argument names. */
const onOwn = (act: (lease: Reservation, line: Line, device: string) => Act): VerbAct => ({
  names: 'device',
  act: (line, known) => {
    const leases = leasesOf(line.args[0]!, known);
    if (!leases) return needs(`there is no device ${line.args[0]}`);
    if (!leases.own) return needs(`you neither hold ${leases.device.name} nor wait for it`);
    return act(leases.own, line, leases.device.name);
  },
});

/** A span of an option; undefined: it is none. */
const spanOf = (texts: readonly string[] | undefined): number | undefined =>
  texts === undefined ? halfHour : secondsOf(texts.at(-1)!);

function reserve({ options }: Line, known: Known): Act {
  const { device = [], label = [], for: time, note, force, reason } = options;
  if (device.length + label.length === 0) return { kind: 'open', dialog: 'reserve' };
  const unknown = device.find((name) => !findThing('device', name, known));
  if (unknown !== undefined) return needs(`there is no device ${unknown}`);
  const forSeconds = spanOf(time);
  if (forSeconds === undefined) return needs('--for takes a time such as 30m or 2h');
  if (force && !reason) return needs("add why, told to the holder: --reason 'night run'");
  return {
    kind: 'call',
    method: 'POST',
    path: 'leases',
    body: {
      selector: { devices: device.map((name) => findThing('device', name, known)!.id), labels: parseLabels(label) },
      forSeconds,
      ...(note && { note: note.at(-1) }),
      ...(force && { force: { reason: reason!.at(-1) } }),
    },
    done: `${[...device, ...label].join(', ')}: reserved, or you are in the queue.`,
  };
}

export const leaseActs = {
  reserve: { names: 'device', flag: '-d', act: reserve },
  reservations: { act: () => ({ kind: 'go', href: '/reservations' }) },
  who: { act: () => ({ kind: 'go', href: '/reservations' }) },
  take: onOwn((lease, _line, device) => command(lease, 'take', `${device} is yours.`)),
  extend: onOwn((lease, { options }, device) => {
    const forSeconds = spanOf(options.for);
    return forSeconds === undefined
      ? needs('--for takes a time such as 30m or 2h')
      : command(lease, 'extend', `${device} is yours for longer.`, { forSeconds });
  }),
  release: {
    names: 'device',
    act: (line, known) => {
      const leases = leasesOf(line.args[0]!, known);
      if (!leases) return needs(`there is no device ${line.args[0]}`);
      const { own, current, device } = leases;
      const { force, reason } = line.options;
      if (own) return command(own, 'release', `${device.name} is given back.`, {}, `Give ${device.name} back?`);
      if (!current || !force) return needs(`you neither hold ${device.name} nor wait for it`);
      if (!reason) return needs("add why, told to the holder: --reason 'night run'");
      return command(
        current,
        'force',
        `${current.holder.name} is warned and then loses ${device.name}.`,
        { reason: reason.at(-1) },
        `Take ${device.name} from ${current.holder.name}?`,
      );
    },
  },
  handover: onOwn((lease, { options: { to } }, device) =>
    to
      ? command(lease, 'handover', `${device} goes to ${to.at(-1)}.`, { to: to.at(-1) })
      : needs('add who gets it: --to Mira'),
  ),
  ask: {
    names: 'device',
    act: (line, known) => {
      const leases = leasesOf(line.args[0]!, known);
      if (!leases?.current || isOwn(leases.current.holder, known.me))
        return needs(`nobody else holds ${line.args[0]}: reserve it`);
      return command(leases.current, 'ask', `${leases.current.holder.name} is asked for ${leases.device.name}.`);
    },
  },
  answer: onOwn((lease, { args: [, word] }) => {
    const answer = leaseAnswers.find((each) => each === word);
    return answer
      ? command(lease, 'answer', `Answered: ${answer}.`, { answer })
      : needs(`answer ${leaseAnswers.join(', ')}`);
  }),
} as const satisfies Record<string, VerbAct>;
