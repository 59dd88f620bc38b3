import { leaseLimits, type Me, type Reservation } from '@hilltop/contracts';
import { isOwn } from './lease-model.js';

/** What the person at the screen should know of leases now, wherever they are. */
export interface LeaseNotice {
  readonly kind: 'ask' | 'granted' | 'forced' | 'ending' | 'answered';
  readonly reservation: Reservation;
  /** The same as long as the same thing is said: who closed it has seen it. */
  readonly key: string;
}

/** With so much left the countdown asks for an answer. */
export const lastMinuteMs = 60_000;

const urgency = { forced: 0, ask: 1, granted: 2, ending: 3, answered: 4 } as const;

/** Questions to me, leases of mine that end or were granted, and answers to what I asked; most urgent first. Pure. */
export function leaseNotices(reservations: readonly Reservation[], me: Me | undefined, nowMs: number): LeaseNotice[] {
  const notices = reservations.flatMap((reservation): LeaseNotice[] => {
    const { id, state, holder, ask, forced, until, deviceId } = reservation;
    if (state === 'queued' || state === 'ended' || deviceId === undefined) return [];
    const notice = (kind: LeaseNotice['kind'], since: string): LeaseNotice => ({
      kind,
      reservation,
      key: `${id} ${kind} ${since}`,
    });
    if (!isOwn(holder, me)) {
      const isMine = ask !== undefined && isOwn(ask.by, me);
      return isMine && (ask.answer === 'no' || ask.answer === 'later') ? [notice('answered', ask.at)] : [];
    }
    if (state === 'granted') return [notice('granted', until ?? '')];
    const leftMs = until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until) - nowMs;
    const isAsked = ask !== undefined && ask.answer === undefined && Date.parse(ask.until) > nowMs;
    return [
      ...(forced ? [notice('forced', forced.at)] : []),
      ...(isAsked ? [notice('ask', ask.at)] : []),
      ...(leftMs <= leaseLimits.endingSeconds * 1000 && !forced ? [notice('ending', until!)] : []),
    ];
  });
  return notices.sort((a, b) => urgency[a.kind] - urgency[b.kind] || a.key.localeCompare(b.key));
}

/** The lease whose last minute it is; one at a time. */
export const lastMinute = (notices: readonly LeaseNotice[], nowMs: number): LeaseNotice | undefined =>
  notices.find(
    ({ kind, reservation: { until } }) =>
      kind === 'ending' && until !== undefined && Date.parse(until) - nowMs <= lastMinuteMs,
  );
