import * as z from 'zod';
import { Selector } from './device.js';
import { Id, Instant, Name, PageQuery } from './names.js';

/** Limits of holds on devices, in seconds; the longest hold is a setting of the lab. */
export const leaseLimits = {
  /** A person has so long to take a granted lease, then the next in the queue gets it. */
  takeSeconds: 120,
  /** With so much left a lease is `ending`. */
  endingSeconds: 300,
  /** A question stands so long. */
  askSeconds: 120,
  /** `later` gives the device away after this. */
  laterSeconds: 600,
  /** The warning before an admin takes a lease. */
  forceSeconds: 30,
  /** A holder's run that measures keeps at least so much. */
  runSeconds: 600,
  defaultSeconds: 1800,
  shortestSeconds: 10,
  /** Unless the lab says otherwise. */
  longestSeconds: 86_400,
  /** Wishes and leases that one person may have at once. */
  perOwner: 20,
} as const;

/** `ending` is `held` with five minutes left or less. */
export const reservationStates = ['queued', 'granted', 'held', 'ending', 'ended'] as const;
export const ReservationState = z.enum(reservationStates);
export type ReservationState = z.infer<typeof ReservationState>;

/** Why a reservation ended, with the word for it. */
export const leaseEnds = {
  released: 'given back',
  withdrawn: 'withdrawn from the queue',
  expired: 'its time was over',
  'not-taken': 'it was granted and not taken in time',
  forced: 'an admin took it',
  fulfilled: 'the device was handed over instead',
  'device-gone': 'the device left the lab',
} as const;
export const LeaseEnd = z.enum(Object.keys(leaseEnds) as [keyof typeof leaseEnds, ...Array<keyof typeof leaseEnds>]);
export type LeaseEnd = z.infer<typeof LeaseEnd>;

/** Who holds or wants a device: a person whatever token they came by, or a pipeline by its token. */
export const LeaseParty = z.object({ owner: Id, name: z.string().max(100) });
export type LeaseParty = z.infer<typeof LeaseParty>;

export const leaseAnswers = ['give', 'later', 'no'] as const;
export const LeaseAnswer = z.enum(leaseAnswers);
export type LeaseAnswer = z.infer<typeof LeaseAnswer>;

/** Somebody's question to the holder. */
export const LeaseAsk = z.object({
  by: LeaseParty,
  at: Instant,
  /** Unanswered, it stands until then. */
  until: Instant,
  answer: LeaseAnswer.optional(),
  /** `later`: when the device goes over. */
  givesAt: Instant.optional(),
});
export type LeaseAsk = z.infer<typeof LeaseAsk>;

/** A wish for a device, and the lease it becomes. */
export const Reservation = z.object({
  id: Id,
  /** Grows with every change; a command names the one it saw. */
  revision: z.number().int().min(1),
  state: ReservationState,
  holder: LeaseParty,
  /** What was wished. */
  selector: Selector,
  /** From `granted` on. */
  deviceId: Id.optional(),
  deviceName: Name.optional(),
  /** Devices that the wish fits, at most 100 of them: whoever looks at one hears of it. */
  candidates: z.array(Id),
  forSeconds: z.number().int(),
  /** While queued: 1 is next. */
  place: z.number().int().min(1).optional(),
  /** Held: end of the lease. Granted: until when it must be taken. */
  until: Instant.optional(),
  /** Of the device, never twice the same: what acts for a lease is refused once a later one is out. */
  fence: z.number().int().optional(),
  ask: LeaseAsk.optional(),
  /** An admin takes it at this moment. */
  forced: z.object({ by: z.string(), reason: z.string(), at: Instant }).optional(),
  ended: z.object({ reason: LeaseEnd, at: Instant }).optional(),
  note: z.string().optional(),
  createdAt: Instant,
  takenAt: Instant.optional(),
});
export type Reservation = z.infer<typeof Reservation>;

const forSeconds = z
  .number()
  .int()
  .min(leaseLimits.shortestSeconds)
  .max(366 * 86_400);
const reason = z.string().trim().min(3).max(200);
const revision = z.number().int().min(1);

export const Reserve = z.strictObject({
  selector: Selector.refine(({ devices, labels }) => devices.length > 0 || Object.keys(labels).length > 0, {
    message: 'name a device or a label: nobody reserves the whole lab by accident',
  }),
  forSeconds: forSeconds.default(leaseLimits.defaultSeconds),
  note: z.string().max(200).optional(),
  /** Admins: ahead of the queue; whoever holds the device is warned and loses it. */
  force: z.strictObject({ reason }).optional(),
});
export type Reserve = z.input<typeof Reserve>;

/** Body of the commands that need nothing else: take, release, ask. */
export const LeaseCommand = z.strictObject({ revision });
export type LeaseCommand = z.infer<typeof LeaseCommand>;
export const LeaseExtend = z.strictObject({ revision, forSeconds });
export type LeaseExtend = z.infer<typeof LeaseExtend>;
/** `to`: name or id of a user. */
export const LeaseHandover = z.strictObject({ revision, to: z.string().min(1).max(100) });
export type LeaseHandover = z.infer<typeof LeaseHandover>;
export const LeaseReply = z.strictObject({ revision, answer: LeaseAnswer });
export type LeaseReply = z.infer<typeof LeaseReply>;
export const LeaseForce = z.strictObject({ revision, reason });
export type LeaseForce = z.infer<typeof LeaseForce>;

export const ReservationQuery = PageQuery.extend({
  /** Id or name. */
  device: z.string().max(100).optional(),
  /** Name of a holder, or id of a user or token. */
  holder: z.string().max(100).optional(),
  /** `open`: what has not ended. */
  state: z.enum(['open', 'ended', 'all']).default('open'),
}).strict();
export type ReservationQuery = z.infer<typeof ReservationQuery>;

/** `1st`, `2nd`, `3rd`, `11th` ... */
export function ordinal(n: number): string {
  const teens = n % 100 >= 11 && n % 100 <= 13;
  return `${n}${(teens ? undefined : (['st', 'nd', 'rd'] as const)[(n % 10) - 1]) ?? 'th'}`;
}

/** What a reservation is, in words; `clock` writes an instant as the reader's time of day. */
export function reservationText(reservation: Reservation, clock: (instant: string) => string): string {
  const { state, holder, until, forced, ended, place, ask } = reservation;
  const end = until === undefined ? '' : ` until ${clock(until)}`;
  const warning = forced ? `; ${forced.by} takes it at ${clock(forced.at)}: ${forced.reason}` : '';
  const question = ask?.answer === 'later' && ask.givesAt ? `; goes to ${ask.by.name} at ${clock(ask.givesAt)}` : '';
  switch (state) {
    case 'queued':
      return `${holder.name} is ${ordinal(place ?? 1)} in queue`;
    case 'granted':
      return `waits for ${holder.name} to take it${end}`;
    case 'held':
      return `held by ${holder.name}${end}${question}${warning}`;
    case 'ending':
      return `held by ${holder.name}${end}, ending${question}${warning}`;
    case 'ended':
      return `ended: ${ended ? leaseEnds[ended.reason] : ''}${ended?.reason === 'forced' && forced ? `: ${forced.reason}` : ''}`;
  }
}
