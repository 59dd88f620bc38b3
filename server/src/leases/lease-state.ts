import { type LeaseAnswer, type LeaseEnd, leaseLimits, type Selector } from '@hilltop/contracts';

/** Who wants or holds; a pipeline is no person and takes what it is granted at once. */
export interface Party {
  readonly owner: string;
  readonly name: string;
  readonly person: boolean;
}

/** A question to the holder; instants in ms since 1970. */
export interface Ask {
  readonly by: Party;
  readonly at: number;
  readonly answer?: LeaseAnswer | undefined;
  /** `later`: when the device goes over. */
  readonly givesAt?: number | undefined;
}

/** A reservation as the rules see it; instants in ms since 1970. */
export interface Lease {
  readonly id: string;
  readonly position: number;
  /** Ahead of the queue: an admin's. */
  readonly front: boolean;
  readonly revision: number;
  readonly state: 'queued' | 'granted' | 'held' | 'ended';
  readonly holder: Party;
  readonly selector: Selector;
  readonly forSeconds: number;
  readonly createdAt: number;
  readonly note?: string | undefined;
  readonly deviceId?: string | undefined;
  /** Granted: until when it must be taken; held: its end. */
  readonly until?: number | undefined;
  readonly takenAt?: number | undefined;
  readonly fence?: number | undefined;
  readonly ask?: Ask | undefined;
  readonly forced?: { readonly by: string; readonly reason: string; readonly at: number } | undefined;
  readonly ended?: { readonly reason: LeaseEnd; readonly at: number } | undefined;
}

/** Everything that is open, by position, and the highest fence of each device. */
export interface LeaseState {
  readonly leases: readonly Lease[];
  readonly fences: ReadonlyMap<string, number>;
}

/** What the rules ask of the rest of the lab. */
export interface LeaseWorld {
  /** Devices that are not retired, by name. `ready`: in rotation, so that a wish by label may get it. */
  readonly devices: readonly { readonly id: string; readonly name: string; readonly ready: boolean }[];
  fits(selector: Selector, deviceId: string): boolean;
  /** What jobs of this owner do with the device. */
  work(owner: string, deviceId: string): 'waiting' | 'running' | undefined;
  readonly longestSeconds: number;
}

export const ms = (seconds: number): number => seconds * 1000;

/** Whether it keeps others off its device. */
export const active = (lease: Lease): boolean => lease.state === 'granted' || lease.state === 'held';

/** The lease that is out on a device. */
export const leaseOn = (state: LeaseState, deviceId: string): Lease | undefined =>
  state.leases.find((lease) => active(lease) && lease.deviceId === deviceId);

/** Wishes in the order they are served. */
export const queueOf = (state: LeaseState): Lease[] =>
  state.leases
    .filter((lease) => lease.state === 'queued')
    .sort((a, b) => Number(b.front) - Number(a.front) || a.position - b.position);

/** Devices a wish may be granted on now or later. */
export const fitting = (lease: Pick<Lease, 'selector'>, world: LeaseWorld): LeaseWorld['devices'] =>
  world.devices.filter(({ id }) => world.fits(lease.selector, id));

/** 1 is next: how many earlier wishes want one of the same devices. */
export function placeOf(lease: Lease, state: LeaseState, world: LeaseWorld): number {
  const queue = queueOf(state);
  const mine = fitting(lease, world);
  const index = queue.findIndex(({ id }) => id === lease.id);
  const before = index < 0 ? queue : queue.slice(0, index);
  return 1 + before.filter((other) => mine.some(({ id }) => world.fits(other.selector, id))).length;
}

/** A question that waits for its answer, or a promise that is not kept yet. */
export function openAsk(lease: Lease, now: number): Ask | undefined {
  const { ask } = lease;
  if (!ask) return undefined;
  if (ask.answer === undefined) return now < ask.at + ms(leaseLimits.askSeconds) ? ask : undefined;
  return ask.answer === 'later' ? ask : undefined;
}

/** When time alone changes something of it; undefined where it never does. */
export function dueAt(lease: Lease, now: number): number | undefined {
  const times: number[] = [];
  if (lease.until !== undefined) {
    times.push(lease.until);
    const ending = lease.until - ms(leaseLimits.endingSeconds);
    if (lease.state === 'held' && ending > now) times.push(ending);
  }
  if (lease.forced) times.push(lease.forced.at);
  if (lease.ask?.givesAt !== undefined) times.push(lease.ask.givesAt);
  if (lease.ask && lease.ask.answer === undefined) {
    const silent = lease.ask.at + ms(leaseLimits.askSeconds);
    if (silent > now) times.push(silent);
  }
  return active(lease) && times.length > 0 ? Math.min(...times) : undefined;
}
