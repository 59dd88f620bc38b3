/**
 * `results-[0.123,0.500]` -> values; undefined for what is no such message.
 *
 * Upstream prints a value as "0." and the digits of int(10 x), int(100 x) % 10, int(1000 x) % 10: 1.0 comes out as `0.1000`. So an
 * entry of four digits among entries of three is one whose first digit has two places; where all have four they mean what they say.
 */
export function parseResults(message: string): Float64Array | undefined {
  const inner = /^results-\[(.*)\]$/.exec(message)?.[1];
  if (inner === undefined) return undefined;
  const entries = inner
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry, i, all) => entry !== '' || i < all.length - 1);
  if (entries.length === 0 || !entries.every((entry) => /^-?\d+(\.\d*)?([eE][+-]?\d+)?$/.test(entry))) return undefined;
  const quirky = (entry: string): boolean => /^0\.\d{4}$/.test(entry);
  const someQuirky = entries.some((entry) => /^0\.\d{3}$/.test(entry)) && entries.some(quirky);
  return Float64Array.from(entries, (entry) =>
    someQuirky && quirky(entry) ? Number(`${entry.slice(2, 4)}.${entry.slice(4)}`) / 10 : Number(entry),
  );
}

/** `lap-us-123` -> 123. */
export function parseLap(message: string): number | undefined {
  const digits = /^lap-us-(\d{1,15})$/.exec(message)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Microseconds between two laps; the device's counter may be of 32 bits and go round, after 71 minutes. */
export function lapDifference(from: number, to: number): number {
  return to >= from ? to - from : to - from + 2 ** 32;
}
