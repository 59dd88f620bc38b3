import { profileColumns, profiledLayers } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { profileRows } from './profile-rows.js';

const layers = profiledLayers(
  profileColumns([
    { name: 'a', op: 'Conv', meanMs: 2, inferences: 40 },
    { name: 'b', op: 'Relu', meanMs: 1, inferences: 40 },
    { name: 'c', op: 'Conv', meanMs: 5, inferences: 40 },
  ]),
);

describe('profileRows', () => {
  it('[PROF-6] shows the longest layers in the order of execution, and what the others take together', () => {
    const { rows, rest, inferences } = profileRows(layers, 2);
    expect(rows.map(({ step, name, bar }) => [step, name, bar])).toEqual([
      [1, 'a', 0.4],
      [3, 'c', 1],
    ]);
    expect([rest, inferences]).toEqual([{ layers: 1, share: 1 / 8 }, 40]);
  });

  it('[PROF-6] has all of a few, and nothing where there is nothing', () => {
    expect(profileRows(layers)).not.toHaveProperty('rest');
    expect(profileRows([])).toEqual({ rows: [], inferences: 0 });
  });
});
