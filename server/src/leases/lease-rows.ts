import { leaseLimits, type Reservation } from '@hilltop/contracts';
import { active, fitting, type Lease, type LeaseState, type LeaseWorld, ms, placeOf } from './lease-state.js';
import { ReservationEntity } from './reservation.entity.js';

/** Candidates that a reservation names. */
const shownCandidates = 100;

const iso = (instant: number): string => new Date(instant).toISOString();
const maybe = (instant: number | undefined): string | null => (instant === undefined ? null : iso(instant));

/** A row as the rules see it. */
export function leaseOfRow(row: ReservationEntity): Lease {
  return {
    id: row.id,
    position: row.position,
    front: row.front,
    revision: row.revision,
    state: row.state,
    holder: { owner: row.owner, name: row.name, person: row.person },
    selector: row.selector,
    forSeconds: row.forSeconds,
    createdAt: Date.parse(row.createdAt),
    note: row.note ?? undefined,
    deviceId: row.deviceId ?? undefined,
    until: row.until === null ? undefined : Date.parse(row.until),
    takenAt: row.takenAt === null ? undefined : Date.parse(row.takenAt),
    fence: row.fence ?? undefined,
    ask: row.ask
      ? {
          by: { owner: row.ask.owner, name: row.ask.name, person: row.ask.person },
          at: Date.parse(row.ask.at),
          answer: row.ask.answer,
          givesAt: row.ask.givesAt === undefined ? undefined : Date.parse(row.ask.givesAt),
        }
      : undefined,
    forced: row.forced ? { ...row.forced, at: Date.parse(row.forced.at) } : undefined,
    ended: row.endReason === null ? undefined : { reason: row.endReason, at: Date.parse(row.endedAt!) },
  };
}

/** What is stored of it. */
export function rowOfLease(lease: Lease): ReservationEntity {
  const { ask, forced, holder } = lease;
  return Object.assign(new ReservationEntity(), {
    id: lease.id,
    position: lease.position,
    front: lease.front,
    revision: lease.revision,
    state: lease.state,
    owner: holder.owner,
    name: holder.name,
    person: holder.person,
    selector: lease.selector,
    deviceId: lease.deviceId ?? null,
    forSeconds: lease.forSeconds,
    until: maybe(lease.until),
    fence: lease.fence ?? null,
    ask: ask
      ? {
          ...ask.by,
          at: iso(ask.at),
          ...(ask.answer && { answer: ask.answer }),
          ...(ask.givesAt !== undefined && { givesAt: iso(ask.givesAt) }),
        }
      : null,
    forced: forced ? { ...forced, at: iso(forced.at) } : null,
    endReason: lease.ended?.reason ?? null,
    note: lease.note ?? null,
    createdAt: iso(lease.createdAt),
    takenAt: maybe(lease.takenAt),
    endedAt: maybe(lease.ended?.at),
  });
}

/** A reservation as it is told outside. `names`: of devices by id, retired ones too. */
export function reservationView(
  lease: Lease,
  at: { state: LeaseState; world: LeaseWorld; now: number; names: ReadonlyMap<string, string> },
): Reservation {
  const { holder, ask, forced, ended, deviceId, until } = lease;
  const queued = lease.state === 'queued';
  const ending = lease.state === 'held' && until! - at.now <= ms(leaseLimits.endingSeconds);
  const name = deviceId === undefined ? undefined : at.names.get(deviceId);
  return {
    id: lease.id,
    revision: lease.revision,
    state: ending ? 'ending' : lease.state,
    holder: { owner: holder.owner, name: holder.name },
    selector: lease.selector,
    ...(deviceId !== undefined && { deviceId }),
    ...(name !== undefined && { deviceName: name }),
    candidates: fitting(lease, at.world)
      .slice(0, shownCandidates)
      .map(({ id }) => id),
    forSeconds: lease.forSeconds,
    ...(queued && { place: placeOf(lease, at.state, at.world) }),
    ...(active(lease) && { until: iso(until!) }),
    ...(lease.fence !== undefined && { fence: lease.fence }),
    ...(ask && {
      ask: {
        by: { owner: ask.by.owner, name: ask.by.name },
        at: iso(ask.at),
        until: iso(ask.at + ms(leaseLimits.askSeconds)),
        ...(ask.answer && { answer: ask.answer }),
        ...(ask.givesAt !== undefined && { givesAt: iso(ask.givesAt) }),
      },
    }),
    ...(forced && { forced: { ...forced, at: iso(forced.at) } }),
    ...(ended && { ended: { reason: ended.reason, at: iso(ended.at) } }),
    ...(lease.note !== undefined && { note: lease.note }),
    createdAt: iso(lease.createdAt),
    ...(lease.takenAt !== undefined && { takenAt: iso(lease.takenAt) }),
  };
}
