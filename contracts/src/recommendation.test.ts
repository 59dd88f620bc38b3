import { describe, expect, it } from '@jest/globals';
import { type FrontierPoint, parseConstraint } from './frontier.js';
import type { MetricId, MetricValue } from './metrics.js';
import { type Goal, nearestMiss, recommend } from './recommendation.js';

const point = (
  recipe: string,
  values: Partial<Record<MetricId, number>>,
  more: Partial<FrontierPoint> = {},
): FrontierPoint => ({
  variant: `var_${recipe}`,
  recipe,
  settings: { threads: 1, graphLevel: 'all' },
  artifact: { sha256: 'a'.repeat(64), bytes: 1000 },
  runs: [`run_${recipe}`],
  verdict: 'clean',
  metrics: Object.fromEntries(
    Object.entries(values).map(([metric, value]): [string, MetricValue] => [
      metric,
      { value, low: value * 0.98, high: value * 1.02, n: 5, unit: '' },
    ]),
  ),
  status: 'on',
  probability: 1,
  dominatedBy: [],
  ...more,
});

const fp32 = point('fp32', { latency_p50_ms: 10, size_bytes: 4e6, accuracy: 0.9 });
const int8 = point('int8', { latency_p50_ms: 4, size_bytes: 1e6, accuracy: 0.895 });
const tiny = point('tiny', { latency_p50_ms: 1, size_bytes: 2e5, accuracy: 0.8 });
const goal: Goal = { prefer: 'latency_p50_ms', quality: 'accuracy', within: 0.01, constraints: [] };

describe('recommend', () => {
  it('[FRONT-13] takes the least of what is preferred among those of enough quality', () => {
    expect(recommend([fp32, int8, tiny], goal)).toEqual({ kind: 'ship', point: int8, fp32 });
    expect(recommend([fp32, int8, tiny], { ...goal, within: 0.2 })).toEqual({ kind: 'ship', point: tiny, fp32 });
    expect(recommend([fp32, int8, tiny], { ...goal, within: 0 })).toEqual({ kind: 'ship', point: fp32, fp32 });
  });

  it('[FRONT-13] a better one that is not sure yet leaves it open, and is named', () => {
    const rival = { ...int8, status: 'uncertain' as const, probability: 0.6 };
    expect(recommend([fp32, rival], goal)).toEqual({ kind: 'unsure', rivals: [rival], point: fp32 });
    expect(recommend([rival], goal)).toEqual({ kind: 'unsure', rivals: [rival], point: undefined });
  });

  it('[FRONT-13] what may break a constraint is not sure', () => {
    const constraints = [parseConstraint('latency_p50_ms<4.05ms')];
    expect(recommend([fp32, int8], { ...goal, constraints })).toEqual({
      kind: 'unsure',
      rivals: [int8],
      point: undefined,
    });
  });

  it('[FRONT-13] says what excludes everything', () => {
    const constraints = [parseConstraint('size_bytes<100kB')];
    expect(recommend([], goal)).toEqual({ kind: 'none', because: 'points' });
    expect(recommend([fp32, int8], { ...goal, constraints })).toEqual({ kind: 'none', because: 'constraints' });
    expect(
      recommend([fp32, tiny], { ...goal, within: 0.01, constraints: [parseConstraint('size_bytes<1MB')] }),
    ).toEqual({ kind: 'none', because: 'quality' });
  });

  it('[FRONT-13] a disturbed run is no ground to ship on', () => {
    expect(recommend([fp32, { ...int8, verdict: 'disturbed' }], goal)).toEqual({ kind: 'ship', point: fp32, fp32 });
  });

  it('[FRONT-13] without quality the least of all non-dominated is it', () => {
    const bare = [point('fp32', { latency_p50_ms: 10 }), point('int8', { latency_p50_ms: 4 })];
    expect(recommend(bare, goal)).toMatchObject({ kind: 'ship', point: { recipe: 'int8' } });
  });
});

describe('nearestMiss', () => {
  it('[FRONT-14] names the constraint that needs the least relaxing, and to what', () => {
    const constraints = [parseConstraint('size_bytes<100kB'), parseConstraint('accuracy>=0.99')];
    expect(nearestMiss([fp32, int8, tiny], [constraints[0]!])).toEqual({
      constraint: constraints[0],
      value: 2e5,
      fits: 1,
    });
    expect(nearestMiss([fp32], constraints)).toBeUndefined();
  });
});
