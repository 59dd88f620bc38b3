// A global is a slow look-up where tests run, and a simulated meter asks a hundred thousand times a second.
const { imul } = Math;

/** Numbers in [0, 1) that a seed determines: Tommy Ettinger's mulberry32, 32 bits of state. */
export function mulberry32(seed: number): () => number {
  // Kept as a signed 32-bit integer: the engine does not box those.
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = imul(state ^ (state >>> 15), state | 1);
    t ^= t + imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Standard normal by Box and Muller; one value a call. */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
