import type { PassName, RecipeStep } from '@hilltop/contracts';
import { isLabError, LabError } from '@hilltop/contracts';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { applyRecipe } from './apply.js';
import { readGraph, writeGraph } from './graph.js';
import { createHost } from './host.js';
import { resolveRecipe } from './recipe.js';
import { randomPack } from './testing/models.js';
import { randomNet } from './testing/random-net.js';

const [host, secondHost] = [createHost(), createHost()];
jest.setTimeout(120_000);
afterAll(async () => {
  await host.close();
  await secondHost.close();
});

type Step = { pass: PassName; parameters?: RecipeStep['parameters'] };
const calibration = randomPack(48, [3, 8, 8], 3);
const validation = randomPack(48, [3, 8, 8], 4);

/** The artifact, or the code of the refusal. */
async function made(model: Uint8Array, steps: readonly Step[], by = host): Promise<Uint8Array | string> {
  const recipe = resolveRecipe({ name: 'property', title: '', description: '', steps });
  try {
    return (await applyRecipe({ model, recipe, host: by, calibration, validation })).artifact;
  } catch (error) {
    if (isLabError(error, 'pass.not-applicable')) return error.code;
    throw error;
  }
}

/** Largest difference of two models' outputs, relative to the largest output. */
async function difference(a: Uint8Array, b: Uint8Array): Promise<number> {
  const pack = randomPack(16, [3, 8, 8], 77);
  const [before, after] = [(await host.outputs(a, pack)).data, (await host.outputs(b, pack)).data];
  const peak = before.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-6);
  return before.reduce((m, v, i) => Math.max(m, Math.abs(v - after[i]!)), 0) / peak;
}

const seed = fc.integer({ min: 1, max: 1_000_000 });
const step = fc.constantFrom<Step>(
  { pass: 'optimize' },
  { pass: 'equalize' },
  { pass: 'prune-channels', parameters: { ratio: 0.25, multiple: 4 } },
  { pass: 'prune-magnitude', parameters: { sparsity: 0.5 } },
  { pass: 'factorize-low-rank', parameters: { energy: 0.9 } },
  { pass: 'cluster-weights', parameters: { clusters: 16 } },
  { pass: 'recover-statistics' },
  { pass: 'fp16' },
  { pass: 'quantize-weights' },
  { pass: 'quantize-weights', parameters: { bits: 4 } },
  { pass: 'quantize-dynamic' },
  { pass: 'quantize-static' },
);
/** HILLTOP_FUZZ=20 tries twenty times as many. */
const runs = (count: number) => ({ numRuns: count * Number(process.env['HILLTOP_FUZZ'] ?? 1), verbose: 1 as const });

describe('recipes on random nets', () => {
  it('[COMP-2] give a model that loads and computes numbers, or a refusal, in whatever order their passes stand', async () => {
    await fc.assert(
      fc.asyncProperty(seed, fc.array(step, { minLength: 1, maxLength: 3 }), async (net, steps) => {
        const artifact = await made(randomNet(net), steps);
        if (typeof artifact === 'string') return;
        const { data } = await host.outputs(artifact, randomPack(4, [3, 8, 8], 9));
        expect(data.every(Number.isFinite)).toBe(true);
      }),
      runs(60),
    );
  });

  it('[COMP-3] give the same bytes again, in another process too', async () => {
    await fc.assert(
      fc.asyncProperty(seed, fc.array(step, { minLength: 1, maxLength: 2 }), async (net, steps) => {
        const model = randomNet(net);
        expect(await made(model, steps, secondHost)).toEqual(await made(model, steps));
      }),
      runs(25),
    );
  });

  it('[COMP-4] are their passes one after the other: two recipes in a row are one of both', async () => {
    // All but those that look back at the model before the first step.
    const forgetful = step.filter(({ pass }) => pass !== 'recover-statistics');
    await fc.assert(
      fc.asyncProperty(seed, forgetful, forgetful, async (net, first, second) => {
        const model = randomNet(net);
        const half = await made(model, [first]);
        const expected = typeof half === 'string' ? half : await made(half, [second]);
        expect(await made(model, [first, second])).toEqual(expected);
      }),
      runs(25),
    );
  });

  it.each<Step>([
    { pass: 'optimize' },
    { pass: 'equalize' },
    { pass: 'fp16' },
    { pass: 'prune-magnitude', parameters: { sparsity: 0.5 } },
    { pass: 'cluster-weights', parameters: { clusters: 16 } },
  ])('[COMP-5] $pass done twice computes what it computes done once', async (once) => {
    await fc.assert(
      fc.asyncProperty(seed, async (net) => {
        const model = randomNet(net);
        const first = await made(model, [once]);
        if (typeof first === 'string') return;
        const again = await made(first, [once]);
        if (typeof again === 'string') return;
        expect(await difference(first, again)).toBeLessThan(1e-3);
      }),
      runs(8),
    );
  });

  it('[COMP-6] that must not change what is computed do not', async () => {
    await fc.assert(
      fc.asyncProperty(seed, fc.constantFrom<PassName>('optimize', 'equalize', 'fp16'), async (net, pass) => {
        const model = randomNet(net);
        const artifact = await made(model, [{ pass }]);
        if (typeof artifact !== 'string')
          expect(await difference(model, artifact)).toBeLessThan(pass === 'fp16' ? 0.02 : 1e-3);
      }),
      runs(30),
    );
  });
});

describe('the graph', () => {
  it('[COMP-7] comes back byte for byte when nothing was changed', () => {
    fc.assert(
      fc.property(seed, (net) => {
        const model = randomNet(net);
        expect(Buffer.compare(writeGraph(readGraph(model)), model)).toBe(0);
      }),
    );
    expect(() => readGraph(Uint8Array.of(1, 2, 3))).toThrow(LabError);
  });
});
