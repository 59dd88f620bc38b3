import { mulberry32 } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { hypervolume } from '../../frontier/hypervolume.js';
import { Improvement } from './improvement.js';

describe('the improvement of a frontier', () => {
  const golden = [
    [1, 8],
    [2, 5],
    [4, 3],
    [7, 1],
  ];

  it('[SAMP-12] starts from the volume of the golden frontier', () => {
    const improvement = new Improvement(golden, [10, 10]);
    expect(improvement.volume).toBe(60);
    expect(improvement.of([3, 4])).toBe(1);
    expect(improvement.of([4, 3])).toBe(0);
    expect(improvement.of([0, 0])).toBe(40);
    expect(improvement.of([11, 0])).toBe(0);
  });

  it.each([2, 3])('[SAMP-12] with %i objectives is the difference of two hypervolumes, seeds 1 to 50', (count) => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = mulberry32(seed);
      const draw = (): number[] => Array.from({ length: count }, () => 12 * random());
      const front = Array.from({ length: 8 }, draw);
      const corner = Array.from({ length: count }, () => 10);
      const point = draw();
      const added = hypervolume([...front, point], corner) - hypervolume(front, corner);
      expect(new Improvement(front, corner).of(point)).toBeCloseTo(added, 9);
    }
  });
});
