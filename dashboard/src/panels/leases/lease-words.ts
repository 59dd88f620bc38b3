import { ordinal, type Reservation } from '@hilltop/contracts';
import type { DeviceLeases } from './lease-model.js';

/** Two wishes closer together than this were a race: by how much it was lost is worth saying. */
const raceMs = 10_000;

/** What came of a wish: `bench-pi is yours.`, `Ana was 0.2 s earlier, you are 1st in queue.` Pure. */
export function wishText(wish: Reservation, current: Reservation | undefined, deviceName: string): string {
  const name = wish.deviceName ?? deviceName;
  if (wish.state === 'held' || wish.state === 'ending') return `${name} is yours.`;
  if (wish.state === 'granted') return `${name} is granted to you: take it.`;
  const place = `you are ${ordinal(wish.place ?? 1)} in queue`;
  if (!current) return `${place.charAt(0).toUpperCase()}${place.slice(1)} for ${name}.`;
  const apartMs = Date.parse(wish.createdAt) - Date.parse(current.createdAt);
  return apartMs >= 0 && apartMs < raceMs
    ? `${current.holder.name} was ${(apartMs / 1000).toFixed(1)} s earlier, ${place}.`
    : `${current.holder.name} holds ${name}, ${place}.`;
}

/** When a device would be free for the wish at a place of its queue (1 is next), if everybody uses all their time; in ms. */
export function earliestMs({ current, queue }: DeviceLeases, place: number, nowMs: number): number {
  const free = current?.until === undefined ? nowMs : Math.max(nowMs, Date.parse(current.until));
  // Granted and not taken: its time begins when it is taken, at the latest then.
  const granted = current?.state === 'granted' ? current.forSeconds * 1000 : 0;
  return queue.slice(0, Math.max(0, place - 1)).reduce((at, { forSeconds }) => at + forSeconds * 1000, free + granted);
}

/** Where a person is, for the sake of who waits for them. */
export type Whereabouts = 'here' | 'idle' | 'away' | 'not here';

/** `held by Ana, not here, until 14:40`; of the person at the screen: `held by you until 14:40`. */
export function holderText(
  { state, holder, until }: Reservation,
  isMine: boolean,
  where: Whereabouts,
  clock: (instant: string) => string,
): string {
  const end = until === undefined ? '' : ` until ${clock(until)}`;
  const who = isMine ? 'you' : holder.name;
  if (state === 'granted') return `waits for ${who} to take it${end}`;
  const absent = isMine || where === 'here' || where === 'idle' ? '' : `, ${where === 'away' ? 'away' : 'not here'},`;
  return `held by ${who}${absent}${end}`;
}
