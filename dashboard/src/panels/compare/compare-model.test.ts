import type { MetricChange, Recipe } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { testPoint } from '../frontier/testing-points.js';
import {
  changeText,
  comparable,
  compareCli,
  differenceText,
  filledDots,
  recipeDifferences,
  settingsDifferences,
  withReference,
} from './compare-model.js';
import { overlay } from './overlay.js';

const change = (more: Partial<MetricChange>): MetricChange => ({
  difference: { value: -1.93, low: -2.41, high: -1.44 },
  ratio: { value: 0.87, low: 0.84, high: 0.9 },
  method: 'processes',
  redraws: { better: 1990, worse: 10, of: 2000 },
  shown: true,
  ...more,
});
const latency = { metric: 'latency_p50_ms', direction: 'min' } as const;
const plain = { threads: 1, graphLevel: 'all' } as const;

describe('comparison on the page', () => {
  it('[COMP-9] takes the devices that have two of the chosen ones, in the order of choosing', () => {
    const frontier = (name: string, recipes: readonly string[]) => ({
      device: { id: `dev_${name}`, name, type: 't', emulated: false },
      points: recipes.map((recipe) => testPoint(recipe, { latency_p50_ms: 1 })),
      excluded: {},
    });
    const keys = ['b', 'a', 'c'].map((recipe) => `var_${recipe}|threads=1,graph=all`);
    const found = comparable([frontier('one', ['a', 'b']), frontier('two', ['a'])], keys);
    expect(found.map(({ frontier: { device }, keys }) => [device.name, keys])).toEqual([['one', keys.slice(0, 2)]]);
    expect(withReference(keys, keys[2]!)).toEqual([keys[2], keys[0], keys[1]]);
  });

  it('[COMP-9] says how much, which way and how sure; what is no difference says that', () => {
    expect(changeText(latency, change({}), 'B')).toEqual({
      difference: '−1.9 [−2.4, −1.4]\u00a0ms',
      ratio: '0.870 [0.840, 0.900]\u00a0×',
      word: 'better',
      sure: 'in 1990 of 2000 re-draws B is faster',
      how: expect.stringContaining('not paired'),
    });
    expect(changeText({ ...latency, direction: 'max' }, change({}), 'B').word).toBe('worse');
    expect(changeText(latency, change({ shown: false, method: 'paired-runs', pairs: 4 }), 'B')).toMatchObject({
      word: 'no difference shown',
      how: expect.stringContaining('4 runs'),
    });
    const once = change({ method: 'single', shown: false });
    expect(changeText(latency, { ...once, redraws: undefined }, 'B').sure).toBe('nobody can say: measured once');
  });

  it('[COMP-9] a share differs in points, a size in its engineering unit, without an interval that is none', () => {
    expect(differenceText('accuracy', { value: -0.012, low: -0.02, high: -0.004 })).toBe(
      '−1.2 [−2.0, −0.4]\u00a0points',
    );
    expect(differenceText('size_bytes', { value: -688_000, low: -688_000, high: -688_000 })).toBe('−688\u00a0kB');
    expect(differenceText('load_ms', { value: 0.5 })).toBe('+500\u00a0µs');
    expect(differenceText('load_ms', { value: 0.41, low: -0.65, high: 23.2 })).toBe('+0.4 [−0.7, +23.2]\u00a0ms');
    expect(differenceText('accuracy', { value: 0, low: 0, high: 0 })).toBe('0\u00a0points');
  });

  it('[COMP-9] 100 dots are certain only where all re-draws are', () => {
    const dots = (better: number): number => filledDots({ better, worse: 2000 - better, of: 2000 });
    expect([0, 1, 870, 1999, 2000].map(dots)).toEqual([0, 1, 44, 99, 100]);
  });

  it('[COMP-9] shows what was done differently, and nothing that is the same', () => {
    const recipe = (steps: Recipe['steps']): Recipe => ({ steps }) as Recipe;
    const prune = (share: number) => ({ pass: 'prune-channels', version: 1, parameters: { share, seed: 1 } }) as const;
    expect(
      recipeDifferences([
        recipe([prune(0.25)]),
        recipe([prune(0.5), { pass: 'quantize-static', version: 1, parameters: { skip: [] } }]),
      ]),
    ).toEqual([
      { what: 'prune-channels: share', values: ['0.25', '0.5'] },
      { what: 'quantize-static', values: ['–', 'yes'] },
      { what: 'quantize-static: skip', values: ['–', 'none'] },
    ]);
    expect(settingsDifferences([plain, { ...plain, threads: 4 }])).toEqual([
      { what: 'run settings', values: ['plain', '4 threads'] },
    ]);
    expect(settingsDifferences([plain, plain])).toEqual([]);
  });

  it('[COMP-9] the CLI line names recipes, and keys where a recipe is two points', () => {
    const points = [
      { recipe: 'fp32', key: 'var_1|threads=1,graph=all' },
      { recipe: 'int8', key: 'var_2|threads=1,graph=all' },
      { recipe: 'int8', key: 'var_2|threads=2,graph=all' },
    ];
    expect(compareCli('my net', 'vm', 'quick', points)).toBe(
      "hilltop compare -m 'my net' -d vm --protocol quick fp32 'var_2|threads=1,graph=all' 'var_2|threads=2,graph=all'",
    );
  });

  it('[COMP-9] traces lie over each other on one axis, broken where there is a hole', () => {
    const size = { width: 200, height: 100 };
    const picture = overlay(
      [
        { t: [0, 1, 2, 3], mid: [1, 1, null, 1] },
        { t: [0, 1], mid: [2, 2] },
      ],
      size,
    )!;
    expect(picture.seconds).toBe(3);
    expect(picture.paths.map((path) => path.replaceAll(/[^ML]/g, ''))).toEqual(['MLM', 'ML']);
    expect(overlay([{ t: [], mid: [] }], size)).toBeUndefined();
  });
});
