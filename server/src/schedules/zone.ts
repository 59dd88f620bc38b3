import { LabError } from '@hilltop/contracts';

const dayMs = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** What clocks of a zone show at an instant, as ms of a clock in UTC that shows the same. */
export function wallOf(instantMs: number, zone: string): number {
  const parts: Record<string, number> = {};
  for (const { type, value } of formatOf(zone).formatToParts(instantMs)) parts[type] = Number(value);
  const { year, month, day, hour, minute, second } = parts as Record<
    'year' | 'month' | 'day' | 'hour' | 'minute' | 'second',
    number
  >;
  return Date.UTC(year, month - 1, day, hour, minute, second) + (((instantMs % 1000) + 1000) % 1000);
}

/**
 * When clocks of a zone show `wallMs`. A time that they show twice: the first; one that they never show: the first instant after those left out, so
 * that every time of a day has exactly one instant and later times no earlier one.
 */
export function instantOf(wallMs: number, zone: string): number {
  // A day is more than any offset, so these are what holds before and after; no zone changes twice within three days.
  const before = offsetAt(wallMs - dayMs, zone);
  const after = offsetAt(wallMs + dayMs, zone);
  const shown = [wallMs - before, wallMs - after].filter((instant) => instant + offsetAt(instant, zone) === wallMs);
  if (shown.length > 0) return Math.min(...shown);
  let [low, high] = [wallMs - after, wallMs - before];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle, zone) === before) low = middle;
    else high = middle;
  }
  return high;
}

const offsetAt = (instantMs: number, zone: string): number => wallOf(instantMs, zone) - instantMs;

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  try {
    const numeric = 'numeric';
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      hourCycle: 'h23',
      year: numeric,
      month: numeric,
      day: numeric,
      hour: numeric,
      minute: numeric,
      second: numeric,
    });
    formats.set(zone, format);
    return format;
  } catch (error) {
    throw new LabError('schedule.cron-invalid', `there is no time zone "${zone}"`, { zone }, { cause: error });
  }
}
