const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** Waits after the 1st, 2nd ... failed attempt: a receiver that restarts loses seconds, one that is down over night loses nothing. */
const waits = [
  5 * second,
  30 * second,
  2 * minute,
  10 * minute,
  30 * minute,
  hour,
  2 * hour,
  4 * hour,
  6 * hour,
  8 * hour,
];

/** After so many failures in a row, about a day, nothing more is sent. */
export const mostFailures = waits.length + 1;

/** ms until the next attempt. `random` spreads them by a tenth, so that receivers are not asked by everyone at once. */
export function waitAfter(failures: number, random: () => number): number {
  const wait = waits[Math.min(failures, waits.length) - 1] ?? 0;
  return Math.round(wait * (1 + 0.1 * random()));
}
