import type { LeaseParty, Me, Reservation } from '@hilltop/contracts';

/** One device's reservations: who holds it, who waits, and what that is to the person at the screen. */
export interface DeviceLeases {
  /** Granted, held or ending. */
  readonly current: Reservation | undefined;
  readonly queue: readonly Reservation[];
  /** The person's own, current or queued. */
  readonly own: Reservation | undefined;
}

/** How a person is known to leases: by their user, a pipeline by its token. */
export const partyKey = ({ user, tokenId }: Me): string => user?.id ?? tokenId;

export const isOwn = (party: LeaseParty, me: Me | undefined): boolean =>
  me !== undefined && party.owner === partyKey(me);

/** What concerns a device: its lease, and the wishes that it could fulfil, in the order of the queue. */
export function deviceLeases(deviceId: string, reservations: Iterable<Reservation>, me: Me | undefined): DeviceLeases {
  const open = [...reservations].filter(({ state }) => state !== 'ended');
  const current = open.find((each) => each.deviceId === deviceId && each.state !== 'queued');
  const queue = open
    .filter((each) => each.state === 'queued' && (each.deviceId === deviceId || each.candidates.includes(deviceId)))
    .sort((a, b) => (a.place ?? 0) - (b.place ?? 0) || a.createdAt.localeCompare(b.createdAt));
  const own = [current, ...queue].find((each) => each !== undefined && isOwn(each.holder, me));
  return { current, queue, own };
}

/** `23 min`, `1 h 5 min`, `40 s`: what is left of a lease. */
export function leftText(until: string | undefined, nowMs: number): string {
  if (until === undefined) return '';
  const seconds = Math.max(0, Math.round((Date.parse(until) - nowMs) / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return `${Math.floor(minutes / 60)} h${rest > 0 ? ` ${rest} min` : ''}`;
}
