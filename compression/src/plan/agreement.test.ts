import { dequantizeOutput } from '@hilltop/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHost } from '../host.js';
import { describeWithCompiler } from '../testing/describe-with-compiler.js';
import { withUnsignedWeights } from '../testing/exact-weights.js';
import {
  agreementText,
  type LayerAgreement,
  layerAgreement,
  type PlanRunner,
  planItems,
  together,
} from '../testing/plan-agreement.js';
import { buildPlanHost, type PlanHost } from '../testing/plan-host.js';
import { referenceRunner } from '../testing/plan-reference.js';
import { qdqCase, qdqCaseNames } from '../testing/qdq-cases.js';
import { sampleItems, sampleModels, sampleVariant } from '../testing/sample-models.js';
import { compilePlan } from './compile.js';

const host = createHost();
afterAll(() => host.close());

/** All cases, in both types of activations. */
async function overCases(items: number, runner: PlanRunner): Promise<LayerAgreement[]> {
  const layers: LayerAgreement[] = [];
  for (const name of qdqCaseNames)
    for (const type of ['uint8', 'int8'] as const) {
      const { model, items: of } = qdqCase(name, 1, type);
      const found = await layerAgreement(model, of(items, 51), host, runner);
      layers.push(...found.map((layer) => ({ ...layer, layer: `${name}: ${layer.layer}` })));
    }
  return layers;
}

function expectAgreement(layers: readonly LayerAgreement[], atLeast: number): void {
  process.stdout.write(agreementText(layers));
  const { outputs, byOne, byMore } = together(layers);
  expect(outputs).toBeGreaterThanOrEqual(atLeast);
  expect(byOne / outputs).toBeLessThanOrEqual(0.0005);
  expect(byMore).toBe(0);
}

/** What plans are compared with where the processor's 8-bit products overflow; tried on weights of 7 bits, which overflow nowhere. */
describe('a model with unsigned weights', () => {
  it('[MCU-20] gives what it gave with signed ones', async () => {
    const model = await sampleVariant('fashion-resnet', 'int8-portable', host);
    const unsigned = withUnsignedWeights(model);
    expect(unsigned).not.toEqual(model);
    const items = await sampleItems(16);
    expect((await host.outputs(unsigned, items)).data).toEqual((await host.outputs(model, items)).data);
  }, 60_000);
});

describe('plans, run by their definition,', () => {
  it('[MCU-20] give what ONNX Runtime gives in at least 50,000 outputs of every operator', async () => {
    expectAgreement(await overCases(2, referenceRunner), 50_000);
  }, 120_000);
});

describeWithCompiler('plans, run by the firmware on this machine,', () => {
  let board: PlanHost;
  beforeAll(() => {
    board = buildPlanHost();
  });
  afterAll(() => board.close());

  it('[MCU-20] differ from ONNX Runtime by 1 in at most 0.05 % of at least 1,000,000 outputs of every operator, by 2 in none', async () => {
    expectAgreement(await overCases(12, board), 1_000_000);
  }, 120_000);

  it.each(qdqCaseNames)('[MCU-21] %s: write what the definition says, byte for byte', async (name) => {
    const { model, items } = qdqCase(name, 2);
    const { plan, facts } = await compilePlan(model, { host });
    const given = planItems(facts, items(3, 7));
    const hex = (all: readonly (readonly Uint8Array[])[]) =>
      all.map((item) => item.map((bytes) => Buffer.from(bytes).toString('hex')));
    expect(hex(board.layers(plan, given))).toEqual(hex(referenceRunner.layers(plan, given)));
  });

  it.each(['a Gemm and a Softmax that stay float', 'a Softmax of rows that gives floats'])(
    '[MCU-20] %s: floats within 2^-22 of those of ONNX Runtime',
    async (name) => {
      const { model, items } = qdqCase(name, 4);
      const { plan, facts } = await compilePlan(model, { host });
      expect(facts.ops.at(-1)!.kind).toBe('softmax');
      const pack = items(64, 9);
      const own = board.run(plan, planItems(facts, pack)).flatMap((b) => [...dequantizeOutput(facts.outputs[0]!, b)]);
      const { data } = await host.outputs(model, pack);
      expect(own).toHaveLength(data.length);
      expect(Math.max(...own.map((value, i) => Math.abs(value - data[i]!)))).toBeLessThanOrEqual(2 ** -22);
    },
  );

  it.each(sampleModels)(
    '[MCU-20] likewise in at least 1,000,000 outputs of all layers of %s, on images',
    async (name) => {
      const items = await sampleItems(name === 'fashion-resnet' ? 20 : 64);
      for (const recipe of ['int8-static', 'int8-arm'])
        expectAgreement(await layerAgreement(await sampleVariant(name, recipe, host), items, host, board), 1_000_000);
    },
    120_000,
  );
});
