import { packItems, type TensorPack } from '@hilltop/contracts';
import { afterAll, describe, expect, it } from '@jest/globals';
import { type ApplyProgress, applyRecipe, artifactId } from './apply.js';
import { checkModel } from './check-model.js';
import { modelCost } from './cost.js';
import { createHost } from './host.js';
import { readNpz } from './npz.js';
import { resolveRecipe } from './recipe.js';
import { findRecipe, recipeFiles } from './recipes.js';
import { screenVariant } from './screen.js';
import { example, randomPack, residualNet } from './testing/models.js';

const host = createHost();
afterAll(() => host.close());

const load = async (name: string): Promise<TensorPack> => readNpz(example(`data/fashion-${name}.npz`));

describe('applyRecipe', () => {
  it('gives fp32 as it was pushed', async () => {
    const model = residualNet();
    const applied = await applyRecipe({ model, recipe: findRecipe('fp32'), host });
    expect(Buffer.compare(applied.artifact, model)).toBe(0);
    expect(applied.report).toEqual({ steps: [], capped: host.capped });
  });

  it.each(recipeFiles.filter(({ steps }) => steps.length > 0).map((r) => r.name))(
    '[COMP-8] makes %s of the sample micro net: same interface, each step does something, above its floor',
    async (name) => {
      const model = example('models/fashion-resnet-micro.onnx');
      const [calibration, validation] = [
        packItems(await load('calibration'), 0, 96),
        packItems(await load('validation'), 0, 200),
      ];
      const recipe = findRecipe(name);
      const { artifact, report } = await applyRecipe({ model, recipe, calibration, validation, host });
      const [before, after] = [checkModel(model), checkModel(artifact)];
      expect([after.inputs, after.outputs]).toEqual([before.inputs, before.outputs]);
      expect(report.steps.every((step) => step.nodesChanged > 0)).toBe(true);
      const [cost, whole] = [await modelCost(artifact, { host }), await modelCost(model, { host })];
      expect(cost.macs!).toBeLessThanOrEqual(whole.macs!);
      if (name.startsWith('prune-channels')) expect(cost.macs!).toBeLessThan(whole.macs! * 0.8);
      const screening = await screenVariant({ model, variant: artifact, validation, host, floor: recipe.floor ?? {} });
      expect(screening.belowFloor).toBeUndefined();
    },
    60_000,
  );

  it('tells its progress and each step that changed nothing', async () => {
    const seen: ApplyProgress[] = [];
    const recipe = resolveRecipe({
      name: 'twice',
      title: '',
      description: '',
      steps: [{ pass: 'optimize' }, { pass: 'optimize' }],
    });
    const applied = await applyRecipe({ model: residualNet(), recipe, host, onProgress: (p) => seen.push(p) });
    expect(applied.report.steps[1]).toMatchObject({ pass: 'optimize', nodesChanged: 0, notes: ['changed nothing'] });
    expect(seen).toEqual([
      { done: 0, total: 2, pass: 'optimize' },
      { done: 1, total: 2, pass: 'optimize' },
      { done: 1, total: 2, pass: 'optimize', note: 'changed nothing' },
      { done: 2, total: 2 },
    ]);
  });

  it('has an id for everything the bytes depend on', () => {
    const of = {
      modelSha256: 'a',
      recipe: findRecipe('int8-static'),
      calibrationSha256: 'c',
      platform: { runtime: 'r', cpu: 'p' },
    };
    const ids = [
      of,
      { ...of, modelSha256: 'b' },
      { ...of, recipe: findRecipe('prune-channels-25') },
      { ...of, calibrationSha256: 'd' },
      { ...of, platform: { runtime: 'r', cpu: 'q' } },
    ].map(artifactId);
    expect(new Set(ids).size).toBe(5);
    const without = { ...of, recipe: findRecipe('fp16') };
    expect(artifactId({ ...without, calibrationSha256: 'd' })).toBe(artifactId(without));
  });

  it('[COMP-9] refuses what breaks the model, with what it reached', async () => {
    const recipe = resolveRecipe({
      name: 'much',
      title: '',
      description: '',
      floor: { sqnr_db: 40 },
      steps: [{ pass: 'prune-magnitude', parameters: { sparsity: 0.9 } }],
    });
    await expect(
      applyRecipe({ model: residualNet(), recipe, calibration: randomPack(32, [3, 8, 8]), host }),
    ).rejects.toEqual(
      expect.objectContaining({
        code: 'recipe.below-floor',
        details: expect.objectContaining({ recipe: 'much', sqnr_db: expect.any(Number) }),
      }),
    );
  });

  it('refuses what it cannot do, with a code', async () => {
    const model = residualNet();
    const refusal = (code: string) => expect.objectContaining({ code });
    await expect(applyRecipe({ model, recipe: findRecipe('int8-static'), host })).rejects.toEqual(
      refusal('data.missing'),
    );
    await expect(
      applyRecipe({ model, recipe: findRecipe('int8-static'), calibration: randomPack(4, [3, 9]), host }),
    ).rejects.toEqual(refusal('data.shape-mismatch'));
    await expect(applyRecipe({ model: model.subarray(0, 900), recipe: findRecipe('fp32'), host })).rejects.toEqual(
      refusal('model.truncated'),
    );
    await expect(
      applyRecipe({ model, recipe: findRecipe('optimized'), host, signal: AbortSignal.abort() }),
    ).rejects.toEqual(refusal('run.cancelled'));
  });
});

describe('the sample residual net on its validation data', () => {
  // Floors with room for another processor's rounding; what was measured is in the recipes' descriptions.
  it.each([
    ['int8-static', 0.01, 3.5],
    ['int8-weights', 0.01, 3.6],
    ['int4-weights', 0.025, 6],
    ['prune-channels-25', 0.025, 1.5],
  ] as const)(
    '%s loses at most %d of accuracy and is %d times smaller',
    async (name, loss, ratio) => {
      const [validation, all] = [packItems(await load('validation'), 0, 500), await load('calibration')];
      const model = example('models/fashion-resnet.onnx');
      const { artifact } = await applyRecipe({
        model,
        recipe: findRecipe(name),
        calibration: packItems(all, 0, 256),
        host,
      });
      const [before, after] = [
        (await host.evaluate(model, validation)).accuracy!,
        (await host.evaluate(artifact, validation)).accuracy!,
      ];
      expect(after).toBeGreaterThan(before - loss);
      expect(model.length / artifact.length).toBeGreaterThan(ratio);
    },
    30_000,
  );
});
