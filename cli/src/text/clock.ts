/** Time of day where the reader is, e.g. `14:40`; with the date when it is not today. */
export function clockText(instant: string, nowMs: number = Date.now()): string {
  const at = new Date(instant);
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  const today = new Date(nowMs);
  if (at.toDateString() === today.toDateString()) return time;
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}`;
}

const two = (n: number): string => String(n).padStart(2, '0');
