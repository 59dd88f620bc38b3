import { formatClock, formatSpan } from '../format/time.js';

/** How the page stands with the lab. Times in ms since 1970 by this browser. */
export interface Connection {
  readonly status: 'connecting' | 'live' | 'away' | 'refused';
  /** Since when it stands so. */
  readonly sinceMs: number;
  /** Round trip of the last question. */
  readonly roundTripMs?: number;
  readonly reason?: string;
}

export interface Pill {
  readonly kind: 'live' | 'reconnecting' | 'offline';
  readonly text: string;
}

/** After so long the pill gives the time of day instead of counting. */
export const offlineAfterMs = 60_000;

/** What the pill says at a moment. */
export function pillOf(connection: Connection, nowMs: number): Pill {
  const awayMs = Math.max(0, nowMs - connection.sinceMs);
  switch (connection.status) {
    case 'connecting':
      return {
        kind: 'reconnecting',
        text: awayMs < 3000 ? 'connecting' : `connecting ${formatSpan(Math.floor(awayMs / 1000))}`,
      };
    case 'live':
      return {
        kind: 'live',
        text:
          connection.roundTripMs === undefined
            ? 'live'
            : `live ${Math.max(1, Math.round(connection.roundTripMs))}\u00a0ms`,
      };
    case 'refused':
      return { kind: 'offline', text: 'refused' };
    case 'away':
      return awayMs > offlineAfterMs
        ? { kind: 'offline', text: `offline since ${formatClock(connection.sinceMs)}` }
        : { kind: 'reconnecting', text: `reconnecting ${formatSpan(Math.floor(awayMs / 1000))}` };
  }
}

/** Why nothing can be changed right now; undefined when it can. Hardware must not act late, so nothing is queued. */
export function writesBlockedBy(connection: Connection): string | undefined {
  switch (connection.status) {
    case 'live':
      return undefined;
    case 'connecting':
      return 'Waiting for the lab to answer.';
    case 'away':
      return 'The lab cannot be reached: nothing is sent, so that no hardware acts late.';
    case 'refused':
      return connection.reason ?? 'The lab refused this session.';
  }
}
