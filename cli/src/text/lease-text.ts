import { ordinal, type Reservation, type ReservationState } from '@hilltop/contracts';
import { isOut, told } from '../lab/leases.js';
import { labelsText } from '../verbs/devices.js';
import { clockText } from './clock.js';
import type { Style } from './style.js';

export const leaseMarks = {
  queued: '○',
  granted: '◇',
  held: '●',
  ending: '◇',
  ended: '○',
} as const satisfies Record<ReservationState, string>;

export function leaseStateText(state: ReservationState, style: Style): string {
  const text = `${leaseMarks[state]} ${state}`;
  if (state === 'held') return style.good(text);
  return state === 'ending' || state === 'granted' ? style.warn(text) : style.dim(text);
}

/** What was wished: `bench-pi`, `site=berlin`. */
export const wishText = ({ selector }: Pick<Reservation, 'selector'>): string =>
  [...selector.devices, labelsText(selector.labels)].filter((part) => part !== '').join(' ');

/** `bench-pi is held by Ana until 14:40; you are 1st in queue`. `open`: what has not ended. */
export function waitText(wish: Reservation, open: readonly Reservation[], nowMs: number): string {
  const place = `you are ${ordinal(wish.place ?? 1)} in queue`;
  const out = open
    .filter((each) => isOut(each) && each.deviceId !== undefined && wish.candidates.includes(each.deviceId))
    .sort((a, b) => ((a.until ?? '') < (b.until ?? '') ? -1 : 1));
  const first = out[0];
  if (!first) return `${wishText(wish)}: no device of these is in rotation now; ${place}`;
  const more = out.length > 1 ? ` (the first of ${out.length})` : '';
  return `${first.deviceName} ${told(first, nowMs).replace(/^held/, 'is held')}${more}; ${place}`;
}

/** `bench-pi is yours until 14:40`. */
export const yoursText = ({ deviceName, until }: Reservation, nowMs: number): string =>
  `${deviceName} is yours${until === undefined ? '' : ` until ${clockText(until, nowMs)}`}`;
