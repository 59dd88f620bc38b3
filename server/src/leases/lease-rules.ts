import { LabError, type LeaseAnswer, leaseLimits, ordinal, type Selector } from '@hilltop/contracts';
import {
  active,
  fitting,
  type Lease,
  type LeaseState,
  type LeaseWorld,
  leaseOn,
  ms,
  openAsk,
  type Party,
  placeOf,
} from './lease-state.js';
import { LeaseStep } from './lease-step.js';

/** Who gives a command. */
export interface Commander extends Party {
  readonly admin: boolean;
}

/** A command to one reservation, with the revision it was seen at. */
export type LeaseAct = { readonly id: string; readonly revision: number; readonly by: Commander } & (
  | { readonly type: 'take' | 'release' | 'ask' }
  | { readonly type: 'extend'; readonly forSeconds: number }
  | { readonly type: 'handover'; readonly to: Party }
  | { readonly type: 'answer'; readonly answer: LeaseAnswer }
  | { readonly type: 'force'; readonly reason: string }
);

export interface LeaseWish {
  readonly type: 'reserve';
  readonly id: string;
  readonly position: number;
  readonly by: Commander;
  readonly selector: Selector;
  readonly forSeconds: number;
  readonly note?: string | undefined;
  readonly force?: { readonly reason: string } | undefined;
}

/** `tick`: time passed. `restart`: the coordinator was away. `disconnect`: somebody's screen or agent went. */
export type LeaseEvent =
  | { readonly type: 'tick' | 'restart' }
  | { readonly type: 'disconnect'; readonly owner: string }
  | { readonly type: 'device-gone'; readonly deviceId: string };

export type LeaseRule = LeaseAct | LeaseWish | LeaseEvent;

export interface LeaseOutcome {
  readonly state: LeaseState;
  /** New values, those that ended among them. */
  readonly changed: readonly Lease[];
}

/** The rules of leases: what a command makes of the state, or why it is refused. Pure. */
export function applyLease(
  state: LeaseState,
  rule: LeaseRule,
  now: number,
  world: LeaseWorld,
): LeaseOutcome | LabError {
  // Nothing is taken or freed by opening or closing a page, or by a line that breaks.
  if (rule.type === 'disconnect') return { state, changed: [] };
  const step = new LeaseStep(state, now, world);
  const refusal = run(step, rule);
  if (refusal) return refusal;
  step.serve(rule.type === 'reserve' ? rule.id : undefined);
  if (rule.type === 'reserve' && rule.force) {
    const wish = step.get(rule.id)!;
    const victim = wish.state === 'queued' ? step.weakest(wish) : undefined;
    if (victim) step.warn(victim.id, rule.by.name, rule.force.reason);
  }
  return { state: step.changed.size > 0 ? step.state : state, changed: [...step.changed.values()] };
}

function run(step: LeaseStep, rule: Exclude<LeaseRule, { type: 'disconnect' }>): LabError | undefined {
  switch (rule.type) {
    case 'reserve':
      tick(step);
      step.serve();
      return reserve(step, rule);
    case 'device-gone':
      return deviceGone(step, rule.deviceId);
    case 'restart':
      // Nobody could take anything while the coordinator was away.
      for (const { id, state } of step.state.leases)
        if (state === 'granted') step.put(id, { until: step.now + ms(leaseLimits.takeSeconds) });
      return tick(step);
    case 'tick':
      return tick(step);
    default:
      // What is overdue has happened, whether the clock was looked at since or not.
      tick(step);
      return act(step, rule);
  }
}

function reserve(step: LeaseStep, wish: LeaseWish): LabError | undefined {
  const { by, forSeconds, selector, force } = wish;
  if (force && !by.admin) return new LabError('auth.forbidden', 'only an admin may force; ask the holder instead');
  if (forSeconds > step.world.longestSeconds) return tooLong(step.world);
  const fits = fitting(wish, step.world);
  if (fits.length === 0) return new LabError('device.none-match', 'no device matches; `hilltop devices` lists them');
  const mine = step.state.leases.filter(({ holder }) => holder.owner === by.owner);
  if (mine.length >= leaseLimits.perOwner)
    return new LabError('lease.too-many', `${by.name} has ${mine.length} reservations already; release some`);
  const own = fits.map(({ id }) => leaseOn(step.state, id)).filter((lease) => lease?.holder.owner === by.owner);
  if (own.length === fits.length)
    return new LabError('lease.held', 'it is yours already; extend it instead', { leaseId: own[0]!.id });
  const twin = mine.find((lease) => lease.state === 'queued' && same(lease.selector, selector));
  if (twin) return new LabError('lease.held', 'this wish of yours is in the queue already', { leaseId: twin.id });
  step.add({
    id: wish.id,
    position: wish.position,
    front: force !== undefined,
    revision: 1,
    state: 'queued',
    holder: { owner: by.owner, name: by.name, person: by.person },
    selector,
    forSeconds,
    createdAt: step.now,
    ...(wish.note !== undefined && { note: wish.note }),
  });
  return undefined;
}

function act(step: LeaseStep, command: LeaseAct): LabError | undefined {
  const lease = step.get(command.id);
  if (!lease) return new LabError('lease.unknown', 'there is no such reservation; `hilltop reservations` lists them');
  const refuse = (code: LabError['code'], message: string) => new LabError(code, message, { leaseId: lease.id });
  if (command.revision !== lease.revision)
    return refuse('lease.changed', `it changed meanwhile (revision ${lease.revision}); look at it and decide again`);
  const own = lease.holder.owner === command.by.owner;
  const foreign = refuse('lease.not-yours', `it is ${lease.holder.name}'s; \`hilltop ask\` asks for it`);
  const notHeld =
    lease.state === 'queued'
      ? refuse('lease.not-held', `not granted yet: ${ordinal(placeOf(lease, step.state, step.world))} in queue`)
      : refuse('lease.not-held', 'granted and not taken yet');
  switch (command.type) {
    case 'take':
      if (!own) return foreign;
      if (lease.state === 'queued') return notHeld;
      if (lease.state === 'granted') step.take(lease.id);
      return undefined;
    case 'release':
      if (!own) return foreign;
      step.end(lease.id, lease.state === 'queued' ? 'withdrawn' : 'released');
      return undefined;
    case 'extend': {
      if (!own) return foreign;
      if (lease.state !== 'held') return notHeld;
      if (lease.forced) return refuse('lease.forced', `${lease.forced.by} takes it: ${lease.forced.reason}`);
      const until = lease.until! + ms(command.forSeconds);
      if (until > longest(lease, step.world)) return tooLong(step.world);
      step.put(lease.id, { until });
      return undefined;
    }
    case 'handover':
      if (!own) return foreign;
      if (lease.state !== 'held') return notHeld;
      if (command.to.owner === command.by.owner) return refuse('lease.held', 'it is yours already');
      step.give(lease.id, command.to);
      return undefined;
    case 'ask': {
      if (own) return refuse('lease.held', 'it is yours already');
      if (lease.state !== 'held') return notHeld;
      const open = openAsk(lease, step.now);
      if (open)
        return refuse(
          'lease.asked',
          open.answer === 'later'
            ? `it is promised to ${open.by.name}`
            : `${open.by.name} has just asked; wait for the answer`,
        );
      const { owner, name, person } = command.by;
      step.put(lease.id, { ask: { by: { owner, name, person }, at: step.now } });
      return undefined;
    }
    case 'answer': {
      if (!own) return foreign;
      if (lease.state !== 'held') return notHeld;
      const open = openAsk(lease, step.now);
      if (open === undefined || open.answer !== undefined)
        return refuse('lease.not-asked', 'nobody waits for an answer; `hilltop handover` gives it away');
      if (command.answer === 'give') step.give(lease.id, open.by);
      else if (command.answer === 'no') step.put(lease.id, { ask: { ...open, answer: 'no' } });
      else
        step.put(lease.id, {
          ask: { ...open, answer: 'later', givesAt: step.now + ms(leaseLimits.laterSeconds) },
        });
      return undefined;
    }
    case 'force':
      if (!command.by.admin)
        return refuse('auth.forbidden', 'only an admin may take it; `hilltop ask` asks the holder');
      if (!active(lease)) return notHeld;
      if (lease.forced) return refuse('lease.forced', `${lease.forced.by} takes it already`);
      step.warn(lease.id, command.by.name, command.reason);
      return undefined;
  }
}

/** What is due, earliest first: after a long absence a promise is kept before the lease ends. */
function tick(step: LeaseStep): undefined {
  for (let due = nextDue(step); due; due = nextDue(step)) due.happen();
  for (const lease of step.state.leases) {
    if (!active(lease)) continue;
    const work = step.world.work(lease.holder.owner, lease.deviceId!);
    if (lease.state === 'granted' && work) step.take(lease.id);
    else if (lease.state === 'held' && work === 'running') prolong(step, lease);
  }
}

function nextDue(step: LeaseStep): { at: number; happen: () => void } | undefined {
  return step.state.leases
    .filter(active)
    .flatMap((lease) => dueOf(step, lease))
    .filter(({ at }) => at <= step.now)
    .sort((a, b) => a.at - b.at || a.order - b.order)[0];
}

function dueOf(step: LeaseStep, lease: Lease): Array<{ at: number; order: number; happen: () => void }> {
  const { id, position, state, until, forced, ask } = lease;
  const order = position;
  const all: Array<{ at: number; order: number; happen: () => void }> = [];
  if (forced) all.push({ at: forced.at, order, happen: () => step.end(id, 'forced') });
  if (ask?.answer === 'later') all.push({ at: ask.givesAt!, order, happen: () => step.give(id, ask.by) });
  all.push({
    at: until!,
    order,
    happen: () => {
      if (state === 'granted') step.end(id, 'not-taken');
      else if (step.world.work(lease.holder.owner, lease.deviceId!) !== 'running' || !prolong(step, lease))
        step.end(id, 'expired');
    },
  });
  return all;
}

/** A run of the holder that measures keeps the lease, up to the longest it may be; false when that is reached. */
function prolong(step: LeaseStep, lease: Lease): boolean {
  if (lease.forced || lease.until! - step.now > ms(leaseLimits.endingSeconds)) return lease.until! > step.now;
  const until = Math.min(step.now + ms(leaseLimits.runSeconds), longest(lease, step.world));
  if (until > lease.until!) step.put(lease.id, { until });
  return until > step.now;
}

function deviceGone(step: LeaseStep, deviceId: string): undefined {
  for (const lease of step.state.leases) {
    const here = active(lease) && lease.deviceId === deviceId;
    const hopeless =
      lease.state === 'queued' && lease.selector.devices.length > 0 && fitting(lease, step.world).length === 0;
    if (here || hopeless) step.end(lease.id, 'device-gone');
  }
}

/** The latest a lease may end, whoever holds it by then. */
const longest = (lease: Lease, world: LeaseWorld): number => lease.takenAt! + ms(world.longestSeconds);

const tooLong = ({ longestSeconds }: LeaseWorld): LabError =>
  new LabError(
    'lease.too-long',
    `a lease is at most ${longestSeconds / 3600} h long in this lab; reserve again later`,
    {
      longestSeconds,
    },
  );

const same = (a: Selector, b: Selector): boolean => key(a) === key(b);
const key = ({ devices, labels }: Selector): string =>
  JSON.stringify([[...devices].sort(), Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
