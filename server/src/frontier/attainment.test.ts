import { mulberry32, objectiveOf } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { attainment } from './attainment.js';

const objectives = [objectiveOf('latency_p50_ms'), objectiveOf('accuracy')];
/** Share of replicates with a point as good as or better than the place: the definition, word for word. */
const shareAt = (draws: number[][][], x: number, y: number): number =>
  draws.filter((points) => points.some((p) => p[0]! <= x && p[1]! <= y)).length / draws.length;

describe('attainment', () => {
  it('[FRONT-15] each corner is reached by its share of the replicates, and a little better by fewer', () => {
    const random = mulberry32(7);
    const draws = Array.from({ length: 50 }, () =>
      Array.from({ length: 4 }, (_, i) => [10 + 10 * i + random(), -(0.7 + 0.05 * i + 0.02 * random())]),
    );
    const { levels } = attainment(draws, objectives)!;
    const wrong = levels.flatMap(({ share, stairs }) =>
      stairs.filter(([x, y]) => {
        const slack = 1e-4;
        return shareAt(draws, x + slack, -y + slack) < share || shareAt(draws, x - slack, -y - slack) >= share;
      }),
    );
    expect([levels.map((l) => l.share), levels.every((l) => l.stairs.length > 3), wrong]).toEqual([
      [0.1, 0.5, 0.9],
      true,
      [],
    ]);
  });

  it('[FRONT-15] has at most 48 corners a level, and none with three objectives or without points', () => {
    const random = mulberry32(9);
    const draws = Array.from({ length: 100 }, () =>
      Array.from({ length: 300 }, (_, i) => [i + random(), -i - random()]),
    );
    expect(attainment(draws, objectives)!.levels.every(({ stairs }) => stairs.length === 48)).toBe(true);
    expect(attainment(draws, [...objectives, objectiveOf('size_bytes')])).toBeUndefined();
    expect(attainment([[], []], objectives)).toBeUndefined();
  });

  it('[FRONT-15] without noise the three stairs are one, through the points', () => {
    const draws = Array.from({ length: 10 }, () => [
      [10, -0.8],
      [20, -0.9],
      [30, -0.85],
    ]);
    const stairs = [
      [10, 0.8],
      [20, 0.9],
    ];
    expect(attainment(draws, objectives)).toEqual({
      x: 'latency_p50_ms',
      y: 'accuracy',
      draws: 10,
      levels: [0.1, 0.5, 0.9].map((share) => ({ share, stairs })),
    });
  });
});
