/** `12 s ago`, `4 min ago`, `2 h ago`, `3 d ago`; under five seconds `just now`. */
export function formatAgo(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 5) return 'just now';
  return `${formatSpan(seconds)} ago`;
}

/** Whole units, the largest only: `12 s`, `4 min`, `2 h`, `3 d`. */
export function formatSpan(seconds: number): string {
  if (seconds < 60) return `${seconds}\u00a0s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}\u00a0min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}\u00a0h`;
  return `${Math.floor(seconds / 86_400)}\u00a0d`;
}

/** A duration as a clock: `0:42`, `12:05`, `1:02:03`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (n: number): string => String(n).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

// A formatter costs more to make than a hundred texts; a screen of cards has as many.
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const timeOfDay = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium', hourCycle: 'h23' });
const dateAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** Local wall clock `09:12`; the browser's zone. */
export const formatClock = (milliseconds: number): string => clock.format(milliseconds);

/** Local wall clock to the second, `09:12:31`. */
export const formatTimeOfDay = (milliseconds: number): string => timeOfDay.format(milliseconds);

/** Local date and time, for tooltips and details. */
export const formatInstant = (instant: string): string => dateAndTime.format(new Date(instant));
