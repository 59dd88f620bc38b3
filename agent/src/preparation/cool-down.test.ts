import { describe, expect, it } from '@jest/globals';
import { coolDownState, longestMs } from './cool-down.js';

/** Newton's cooling towards `room` with a time constant of `tauS`, looked at every second, to the first state that is not `wait`. */
function cool(
  fromC: number,
  roomC: number,
  tauS: number,
  coolestC: number,
): { state: string; afterS: number; celsius: number } {
  const samples: Array<{ atMs: number; celsius: number }> = [];
  for (let s = 0; ; s++) {
    const celsius = roomC + (fromC - roomC) * Math.exp(-s / tauS);
    samples.push({ atMs: s * 1000, celsius });
    const state = coolDownState(samples, coolestC);
    if (state !== 'wait') return { state, afterS: s, celsius };
  }
}

describe('coolDownState', () => {
  it('[PREP-10] is over within 2 K of the coolest known', () => {
    expect(cool(41.9, 40, 60, 40)).toMatchObject({ state: 'cool', afterS: 0 });
    // 30 K e^(-t / 60 s) = 2 K at 162.5 s.
    expect(cool(70, 40, 60, 40)).toMatchObject({ state: 'cool', afterS: 163 });
  });

  it('[PREP-10] is over when it gets no cooler: the room is warmer than it was', () => {
    const { state, afterS, celsius } = cool(70, 45, 60, 40);
    expect(state).toBe('steady');
    expect(afterS).toBeLessThan(longestMs / 1000);
    expect(celsius - 45).toBeLessThan(0.5);
  });

  it('[PREP-10] is over after ten minutes', () => {
    expect(cool(90, 40, 1500, 40)).toMatchObject({ state: 'timed-out', afterS: longestMs / 1000 });
    expect(coolDownState([], 40)).toBe('wait');
  });
});
