/** Bits of a Raspberry Pi's `get_throttled`: now, and 16 places above the same since the start. */
export const throttledBits = {
  'under-voltage': 0,
  'frequency-capped': 1,
  throttled: 2,
  'soft-temperature-limit': 3,
} as const;
export type ThrottledBit = keyof typeof throttledBits;

const sticky = 16;
const has = (bits: number, place: number): boolean => Math.floor(bits / 2 ** place) % 2 === 1;

/**
 * What held a Raspberry Pi back over its readings of `rpi-throttled`: whatever is set now in any of them, and what was noted since
 * the start but not yet in the first. A bit noted before the first says nothing: it cannot be cleared but by a restart.
 */
export function throttledDuring(readings: readonly number[]): ThrottledBit[] {
  const first = readings[0];
  if (first === undefined) return [];
  return (Object.keys(throttledBits) as ThrottledBit[]).filter((name) => {
    const place = throttledBits[name];
    return readings.some((bits) => has(bits, place) || (has(bits, place + sticky) && !has(first, place + sticky)));
  });
}
