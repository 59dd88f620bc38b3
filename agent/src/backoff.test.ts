import { describe, expect, it } from '@jest/globals';
import { type BackoffState, freshBackoff, type LinkOutcome, nextBackoff } from './backoff.js';

/** Longest delays (random just below 1) of outcomes one after the other, s. */
function delays(outcomes: readonly LinkOutcome[], random = 1): Array<[number, boolean]> {
  let state: BackoffState = freshBackoff;
  return outcomes.map((outcome) => {
    const step = nextBackoff(state, outcome, random);
    state = step.state;
    return [step.delayMs / 1000, step.rejected];
  });
}
const down: LinkOutcome = { kind: 'unreachable' };
const short: LinkOutcome = { kind: 'closed', connectedMs: 100 };
const long: LinkOutcome = { kind: 'closed', connectedMs: 60_000 };
const rejected: LinkOutcome = { kind: 'rejected' };

describe('nextBackoff', () => {
  it('[AGENT-7] doubles from 1 to 60 s with full jitter', () => {
    expect(delays(Array(9).fill(down)).map(([s]) => s)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
    expect(delays(Array(9).fill(down), 0).map(([s]) => s)).toEqual(Array(9).fill(0));
  });

  it('[AGENT-7] starts over after a connection that held', () => {
    expect(delays([down, down, down, long, down])).toEqual([
      [1, false],
      [2, false],
      [4, false],
      [1, false],
      [2, false],
    ]);
  });

  it('[AGENT-7] three closes within 5 s of connecting are a rejected link', () => {
    expect(delays([short, short, short, short, long, short])).toEqual([
      [1, false],
      [2, false],
      [60, true],
      [60, true],
      [1, false],
      [2, false],
    ]);
    expect(delays([short, short, down, short])).toEqual([
      [1, false],
      [2, false],
      [4, false],
      [8, false],
    ]);
  });

  it('[AGENT-7] a refused login is tried once more soon, for the clock may have been wrong, then rarely', () => {
    expect(delays([rejected, rejected, rejected])).toEqual([
      [0.5, false],
      [60, true],
      [60, true],
    ]);
  });
});
