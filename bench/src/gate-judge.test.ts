import { mulberry32, normal } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { judgeGate } from './gate-judge.js';
import type { GateSession, Round } from './gate-nights.js';

/** Nights of processes that differ by `noise`, the environment of each round shared by both. */
function session(seed: number, noise: number, slower: number): GateSession {
  const random = mulberry32(seed);
  const night = (rounds: number, factor: number): Round[] => {
    const environment = Math.exp(0.02 * normal(random));
    return Array.from({ length: rounds }, () => {
      const shared = environment * Math.exp(0.01 * normal(random));
      const one = (f: number): number => f * shared * Math.exp(noise * normal(random));
      return { subject: one(0.2 * factor), control: one(0.2) };
    });
  };
  const nights = (factor: number): Round[][] => Array.from({ length: 5 }, () => night(18, factor));
  return { baseline: night(60, 1), equal: nights(1), slower: nights(slower) };
}
const few = { slower: 12, equal: 12 };
const outcome = (seed: number, noise: number, slower: number) =>
  judgeGate(session(seed, noise, slower), few, []).outcome;

describe('bench of the gate', () => {
  it('[GATE-20] met on a quiet machine, missed where a slowdown is none, nothing said of a noisy one', () => {
    expect(outcome(1, 0.004, 1.03)).toBe('met');
    expect(outcome(2, 0.004, 1)).toBe('missed');
    expect(outcome(3, 0.05, 1.03)).toBe('inconclusive');
  });

  it('[GATE-20] the same session is judged the same again', () => {
    const night = { ...session(4, 0.004, 1.03), equal: session(4, 0.004, 1).equal.slice(0, 2) };
    expect(judgeGate(night, { slower: 2, equal: 2 }, [])).toEqual(judgeGate(night, { slower: 2, equal: 2 }, []));
  });
});
