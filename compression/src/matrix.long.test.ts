import type { RecipeStep, TensorPack } from '@hilltop/contracts';
import { isLabError, passNames } from '@hilltop/contracts';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { applyRecipe } from './apply.js';
import { createHost } from './host.js';
import { resolveRecipe } from './recipe.js';
import { sizeOf } from './sizes.js';
import { randomFloats } from './testing/models.js';
import { type OddModel, oddModels } from './testing/odd-models.js';

const host = createHost();
jest.setTimeout(120_000);
afterAll(() => host.close());

/** Least signal to noise in dB that a step must leave of a net with random weights, the hardest there are. Set before it was measured. */
const cases: readonly [
  title: string,
  step: { pass: RecipeStep['pass']; parameters?: RecipeStep['parameters'] },
  floor: number,
][] = [
  ['optimize', { pass: 'optimize' }, 60],
  ['equalize', { pass: 'equalize' }, 60],
  ['prune-channels', { pass: 'prune-channels', parameters: { ratio: 0.25, multiple: 4 } }, 0],
  ['prune-magnitude', { pass: 'prune-magnitude', parameters: { sparsity: 0.5 } }, 3],
  ['factorize-low-rank', { pass: 'factorize-low-rank', parameters: { energy: 0.9 } }, 5],
  ['cluster-weights', { pass: 'cluster-weights', parameters: { clusters: 32 } }, 15],
  ['recover-statistics', { pass: 'recover-statistics' }, 30],
  ['fp16', { pass: 'fp16' }, 50],
  ['quantize-weights 8', { pass: 'quantize-weights', parameters: { bits: 8 } }, 25],
  ['quantize-weights 4', { pass: 'quantize-weights', parameters: { bits: 4 } }, 8],
  ['quantize-dynamic', { pass: 'quantize-dynamic' }, 20],
  ['quantize-static', { pass: 'quantize-static' }, 15],
  [
    'quantize-static int8 per tensor',
    { pass: 'quantize-static', parameters: { activations: 'int8', 'per-channel': false } },
    12,
  ],
  ['mixed-precision', { pass: 'mixed-precision' }, 15],
];

function packOf(model: OddModel, items: number, seed: number): TensorPack {
  return {
    items,
    inputs: model.items.map((dims, i) => ({
      type: 'float32' as const,
      dims,
      scale: 1,
      offset: 0,
      data: new Uint8Array(randomFloats(items * sizeOf(dims), seed + i).buffer),
    })),
  };
}

/** Signal to noise of the first output in dB, on data no pass has seen. */
async function sqnr(model: OddModel, variant: Uint8Array): Promise<number> {
  const pack = packOf(model, 32, 99);
  const [before, after] = [(await host.outputs(model.bytes, pack)).data, (await host.outputs(variant, pack)).data];
  const mean = before.reduce((sum, v) => sum + v, 0) / before.length;
  const signal = before.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  const noise = before.reduce((sum, v, i) => sum + (v - after[i]!) ** 2, 0);
  return 10 * Math.log10(signal / noise);
}

describe('every pass on models with the oddities of real ones', () => {
  it('has a case for each pass', () => {
    expect(new Set(cases.map(([, step]) => step.pass))).toEqual(new Set(passNames));
  });

  it.each(oddModels().map((model) => [model.title, model] as const))('[COMP-1] %s', async (_title, model) => {
    const outcomes: Record<string, string> = {};
    const broken: Record<string, unknown> = {};
    for (const [title, step, floor] of cases) {
      const recipe = resolveRecipe({ name: 'case', title, description: '', steps: [step] });
      try {
        const { artifact, report } = await applyRecipe({
          model: model.bytes,
          recipe,
          host,
          calibration: packOf(model, 64, 1),
          validation: packOf(model, 64, 50),
        });
        const { nodesChanged, notes } = report.steps[0]!;
        outcomes[title] = nodesChanged > 0 ? 'works' : 'changes nothing';
        if (nodesChanged === 0 && !notes.includes('changed nothing')) broken[title] = 'a silent no-op';
        const kept = await sqnr(model, artifact);
        if (!(kept >= floor)) broken[title] = `${kept.toFixed(1)} dB of ${floor}`;
      } catch (error) {
        if (!isLabError(error)) throw error;
        outcomes[title] = error.code;
        // A refusal names the node it stumbled over.
        if (error.code !== 'pass.not-applicable' || error.details['node'] === undefined) broken[title] = error.message;
      }
    }
    expect(broken).toEqual({});
    expect(outcomes).toMatchSnapshot();
  });
});
