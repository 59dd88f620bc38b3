import { mulberry32, type Objective, type Trial } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { endedTrials, placeOf, replayAt } from './replay.js';

const objectives: Objective[] = [
  { metric: 'latency_p50_ms', direction: 'min', unit: 'ms' },
  { metric: 'accuracy', direction: 'max', unit: '' },
];
const trial = (number: number, recipe: string, x: number | undefined, y: number, second = number): Trial => ({
  id: `try_${String(number).padStart(8, '0')}`,
  sweepId: 'swp_aaaaaaaa',
  number,
  modelId: 'mod_aaaaaaaa',
  recipe,
  settings: { threads: 1, graphLevel: 'all' },
  deviceId: 'dev_aaaaaaaa',
  deviceName: 'pi',
  protocol: 'quick',
  replicate: 1,
  state: 'succeeded',
  reason: 'grid',
  why: '',
  metrics: {
    ...(x !== undefined && { latency_p50_ms: { value: x, n: 1, unit: 'ms' } }),
    accuracy: { value: y, n: 1, unit: '' },
  },
  proposedAt: '2026-11-24T00:00:00.000Z',
  endedAt: `2026-11-24T00:00:${String(second).padStart(2, '0')}.000Z`,
});

describe('a sweep replayed', () => {
  it('[NIGHT-14] shows what was known after each trial, a point by its newest value', () => {
    const trials = [
      trial(1, 'fp32', 10, 0.9, 2),
      trial(2, 'int8', 5, 0.8, 1),
      trial(3, 'fp16', 4, 0.95),
      trial(4, 'int8', 3, 0.8),
    ];
    const failed = { ...trial(5, 'bad', 1, 1), state: 'failed' as const };
    const ended = endedTrials([...trials, failed, trial(6, 'half', undefined, 1)], placeOf(trials[0]!));
    const at = (count: number) =>
      replayAt(ended, count, objectives).map(({ trial: { recipe }, x, isOn }) => [recipe, x, isOn]);
    expect(at(0)).toEqual([]);
    expect(at(2)).toEqual([
      ['int8', 5, true],
      ['fp32', 10, true],
    ]);
    expect(at(3)).toEqual([
      ['int8', 5, false],
      ['fp32', 10, false],
      ['fp16', 4, true],
    ]);
    expect(at(9)).toContainEqual(['int8', 3, true]);
    expect(endedTrials(trials, 'elsewhere')).toEqual([]);
  });

  it('[NIGHT-14] never has a beaten point on the frontier, nor all points beaten', () => {
    const seed = 20_261_125;
    const random = mulberry32(seed);
    for (let round = 0; round < 200; round += 1) {
      const trials = Array.from({ length: 12 }, (_, i) =>
        trial(i + 1, `r${i}`, Math.ceil(random() * 5), Math.ceil(random() * 5)),
      );
      const points = replayAt(trials, 1 + Math.floor(random() * 12), objectives);
      const on = points.filter(({ isOn }) => isOn);
      const isBeaten = (p: { x: number; y: number }) =>
        points.some((o) => o.x <= p.x && o.y >= p.y && (o.x < p.x || o.y > p.y));
      expect({ seed, round, wrong: points.filter((p) => p.isOn === isBeaten(p)), some: on.length > 0 }).toEqual({
        seed,
        round,
        wrong: [],
        some: true,
      });
    }
  });
});
