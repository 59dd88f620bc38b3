import { type Activity, activities } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { didText, groupActivities } from './group-activities.js';

const act = (seq: number, name: string, did: string, more: Partial<Activity> = {}): Activity => ({
  seq,
  at: new Date(Date.UTC(2026, 0, 1, 12, seq)).toISOString(),
  by: { owner: `usr_${name}`, name },
  did,
  object: { kind: 'job', id: `job_${seq}` },
  ...more,
});
const seqs = (list: readonly Activity[]): number[][] =>
  groupActivities(list).map(({ items }) => items.map(({ seq }) => seq));

describe('grouped activity', () => {
  it('[SET-7] what one person did again and again is one line, whatever others did between', () => {
    const list = [
      act(9, 'Ana', 'submitted a job'),
      act(8, 'Ana', 'submitted a job'),
      act(7, 'Mira', 'wrote a note'),
      act(6, 'Ana', 'submitted a job'),
      act(5, 'Ana', 'cancelled a job'),
      act(4, 'Ana', 'submitted a job'),
    ];
    expect(seqs(list)).toEqual([[9, 8, 6], [7], [5], [4]]);
  });

  it('[SET-7] what failed, and what lies a quarter of an hour apart, stands by itself', () => {
    expect(seqs([act(9, 'Ana', 'x'), act(8, 'Ana', 'x', { failed: 'job.ended' }), act(7, 'Ana', 'x')])).toEqual([
      [9],
      [8],
      [7],
    ]);
    expect(seqs([act(40, 'Ana', 'x'), act(20, 'Ana', 'x')])).toEqual([[40], [20]]);
  });

  it('[SET-7] many are counted in words that stay English', () => {
    expect(didText('submitted a job', 12)).toBe('submitted 12 jobs');
    expect(didText('submitted a job', 1)).toBe('submitted a job');
    expect(didText('asked for variants', 3)).toBe('asked for variants, 3 times');
    for (const { did } of Object.values(activities)) expect(didText(did, 2)).toMatch(/ 2 \w+s$|, 2 times$/);
  });
});
