import { isLabError } from '@hilltop/contracts';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createHost } from '../host.js';
import { recipeFiles } from '../recipes.js';
import { describeWithCompiler } from '../testing/describe-with-compiler.js';
import { agreementText, type LayerAgreement, layerAgreement, together } from '../testing/plan-agreement.js';
import { buildPlanHost, type PlanHost } from '../testing/plan-host.js';
import { qdqCase, qdqCaseNames } from '../testing/qdq-cases.js';
import { qdqNet } from '../testing/qdq-net.js';
import { sampleItems, sampleModels, sampleVariant } from '../testing/sample-models.js';
import { compilePlan } from './compile.js';

const host = createHost();
afterAll(() => host.close());

const quantizing = recipeFiles
  .filter(({ steps }) => steps.some(({ pass }) => pass === 'quantize-static' || pass === 'mixed-precision'))
  .map(({ name }) => name);

function expectAgreement(what: string, layers: readonly LayerAgreement[], atLeast: number): void {
  process.stdout.write(`${what}: ${agreementText(layers)}`);
  const { outputs, byOne, byMore } = together(layers);
  expect(outputs).toBeGreaterThanOrEqual(atLeast);
  expect(byOne / outputs).toBeLessThanOrEqual(0.0005);
  expect(byMore).toBe(0);
}

describeWithCompiler('plans against ONNX Runtime, at length,', () => {
  let board: PlanHost;
  beforeAll(() => {
    board = buildPlanHost();
  });
  afterAll(() => board.close());

  it.each(sampleModels.flatMap((model) => quantizing.map((recipe) => [model, recipe] as const)))(
    '[MCU-20] [MCU-23] %s, %s: at least 2,000,000 outputs of all layers, and an arena within 5 % of its bound',
    async (model, recipe) => {
      const variant = await sampleVariant(model, recipe, host);
      try {
        const { facts, lowerBound } = await compilePlan(variant, { host });
        expect(facts.arenaBytes).toBeLessThanOrEqual(1.05 * lowerBound);
      } catch (error) {
        // What this recipe leaves float is for the model to say.
        if (recipe === 'int8-mixed' && isLabError(error, 'plan.unsupported')) return;
        throw error;
      }
      const items = await sampleItems(model === 'fashion-resnet' ? 64 : 256);
      expectAgreement(`${model} ${recipe}`, await layerAgreement(variant, items, host, board), 2_000_000);
    },
    300_000,
  );

  it('[MCU-20] at least 10,000,000 outputs of every operator, from ten seeds', async () => {
    const layers: LayerAgreement[] = [];
    for (const name of qdqCaseNames)
      for (const type of ['uint8', 'int8'] as const)
        for (let seed = 1; seed <= 10; seed++) {
          const { model, items } = qdqCase(name, seed, type);
          const found = await layerAgreement(model, items(12, seed + 50), host, board);
          layers.push(...found.map((layer) => ({ ...layer, layer: `${name}, seed ${seed}: ${layer.layer}` })));
        }
    expectAgreement('operators', layers, 10_000_000);
  }, 600_000);

  it('[MCU-20] at least 5,000,000 outputs of 300 random nets', async () => {
    const layers: LayerAgreement[] = [];
    for (let net = 1; net <= 300; net++) {
      const { model, items } = qdqNet(net);
      const found = await layerAgreement(model, items(16), host, board);
      layers.push(...found.map((layer) => ({ ...layer, layer: `net ${net}: ${layer.layer}` })));
    }
    expectAgreement('random nets', layers, 5_000_000);
  }, 600_000);
});
