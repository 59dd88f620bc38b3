/** Day and time as clocks of a zone show them: `Wed, 25 Nov, 02:00`; without a zone, those of the browser. */
export function zoneTime(instant: string, timeZone?: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...(timeZone !== undefined && { timeZone }),
  }).format(new Date(instant));
}

/** `UTC+2`, `UTC+5:30`, `UTC`. */
export function offsetText(minutes: number): string {
  if (minutes === 0) return 'UTC';
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `UTC${minutes > 0 ? '+' : '−'}${hours}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`}`;
}

/** `in 4 h`, `in 12 min`; what is due by now: `now`. */
export function formatUntil(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000);
  if (minutes < 1) return 'now';
  if (minutes < 60) return `in ${minutes}\u00a0min`;
  return minutes < 2880 ? `in ${Math.round(minutes / 60)}\u00a0h` : `in ${Math.round(minutes / 1440)}\u00a0d`;
}
