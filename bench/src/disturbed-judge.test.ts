import { mulberry32 } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { type Judged, judge, planOf } from './disturbed-judge.js';

const still = { waited: 0.001, stolen: 0 };
const run = (load: boolean, verdict: string, moved = false): Judged => ({
  ...(load && { load: { duty: 0.5, periodMs: 20 } }),
  verdict,
  reasons: [],
  witness: [still, moved ? { waited: 0.2, stolen: 0 } : still],
});
const many = (n: number, one: Judged): Judged[] => Array.from({ length: n }, () => one);

describe('bench of disturbed runs', () => {
  it('[VERD-6] as many loaded as quiet runs, mixed, the same by the same seed', () => {
    const plan = planOf(40, mulberry32(3));
    const loads = plan.filter((load) => load !== undefined);
    expect([plan.length, loads.length]).toEqual([80, 40]);
    expect(loads.every(({ duty, periodMs }) => duty >= 0.2 && duty <= 1 && periodMs >= 10 && periodMs <= 100)).toBe(
      true,
    );
    expect(plan.slice(0, 40).filter(Boolean).length).toBeGreaterThan(10);
    expect(plan.slice(40).filter(Boolean).length).toBeGreaterThan(10);
    expect(planOf(40, mulberry32(3))).toEqual(plan);
  });

  it('[VERD-6] 38 of 40 loaded and 4 of 40 quiet ones are just enough', () => {
    const at = (loaded: number, quiet: number) =>
      judge(
        [
          ...many(loaded, run(true, 'disturbed')),
          ...many(40 - loaded, run(true, 'clean')),
          ...many(quiet, run(false, 'disturbed')),
          ...many(40 - quiet, run(false, 'clean')),
        ],
        [],
      ).outcome;
    expect([at(38, 4), at(37, 4), at(38, 5)]).toEqual(['met', 'missed', 'missed']);
  });

  it('[VERD-6] quiet runs in which the witness moved do not count; where it moved in most nothing can be said', () => {
    const at = (moved: number) =>
      judge(
        [
          ...many(40, run(true, 'disturbed', true)),
          ...many(moved, run(false, 'disturbed', true)),
          ...many(40 - moved, run(false, 'clean')),
        ],
        [],
      );
    expect(at(20).outcome).toBe('met');
    expect(at(20).figures.map(({ value }) => value)).toEqual([40, 0, 20, 20]);
    expect(at(21).outcome).toBe('inconclusive');
  });
});
