import { isLabError } from '@hilltop/contracts';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { applyRecipe } from '../apply.js';
import { createHost } from '../host.js';
import { findRecipe } from '../recipes.js';
import { describeWithCompiler } from '../testing/describe-with-compiler.js';
import { randomPack } from '../testing/models.js';
import { agreementText, type LayerAgreement, layerAgreement, planItems, together } from '../testing/plan-agreement.js';
import { buildPlanHost, type PlanHost } from '../testing/plan-host.js';
import { referenceRunner } from '../testing/plan-reference.js';
import { qdqNet } from '../testing/qdq-net.js';
import { randomNet } from '../testing/random-net.js';
import { compilePlan } from './compile.js';

const host = createHost();
afterAll(() => host.close());

/** HILLTOP_FUZZ=20 tries twenty times as many. */
const times = Number(process.env['HILLTOP_FUZZ'] ?? 1);
const runs = (count: number) => ({ numRuns: count * times, verbose: 1 as const });
const timeout = 120_000 * times;
const seed = fc.integer({ min: 1, max: 1_000_000 });

describeWithCompiler('plans of random nets', () => {
  let board: PlanHost;
  beforeAll(() => {
    board = buildPlanHost();
  });
  afterAll(() => board.close());

  /** What every operator writes on the firmware is what plan.h defines. */
  const expectSame = (plan: Uint8Array, items: readonly (readonly Uint8Array[])[]): void => {
    const [own, defined] = [board.layers(plan, items), referenceRunner.layers(plan, items)];
    expect(own.map((item) => item.map((bytes) => Buffer.from(bytes).toString('hex')))).toEqual(
      defined.map((item) => item.map((bytes) => Buffer.from(bytes).toString('hex'))),
    );
    expect(board.run(plan, items)).toEqual(referenceRunner.run(plan, items));
  };

  it(
    `[MCU-21] ${40 * times} nets of 8-bit operators: firmware and definition write the same bytes, operator by operator`,
    async () => {
      await fc.assert(
        fc.asyncProperty(seed, async (net) => {
          const { model, items } = qdqNet(net);
          const { plan, facts, lowerBound } = await compilePlan(model, { host });
          expect(facts.arenaBytes).toBeGreaterThanOrEqual(lowerBound);
          expectSame(plan, planItems(facts, items(2)));
        }),
        runs(40),
      );
    },
    timeout,
  );

  it(
    `[MCU-20] ${20 * times} nets of 8-bit operators differ from ONNX Runtime by 1 in at most 0.05 % of at least 100,000 outputs, by 2 in none`,
    async () => {
      const layers: LayerAgreement[] = [];
      for (let net = 1; net <= 20 * times; net++) {
        const { model, items } = qdqNet(net);
        const found = await layerAgreement(model, items(16), host, board);
        layers.push(...found.map((layer) => ({ ...layer, layer: `net ${net}: ${layer.layer}` })));
      }
      process.stdout.write(agreementText(layers));
      const { outputs, byOne, byMore } = together(layers);
      expect(outputs).toBeGreaterThanOrEqual(100_000);
      expect(byOne / outputs).toBeLessThanOrEqual(0.0005);
      expect(byMore).toBe(0);
    },
    timeout,
  );

  it(
    `[MCU-21] ${20 * times} float nets through int8-static: compiled, or refused by a node's name; firmware and definition write the same bytes`,
    async () => {
      const calibration = randomPack(32, [3, 8, 8], 3);
      let compiled = 0;
      for (let net = 1; net <= 20 * times; net++) {
        // The recipe's floor is for trained nets.
        const { floor: _, ...recipe } = findRecipe('int8-static');
        const { artifact } = await applyRecipe({ model: randomNet(net), recipe, calibration, host });
        try {
          const { plan, facts } = await compilePlan(artifact, { host });
          expectSame(plan, planItems(facts, randomPack(2, [3, 8, 8], net)));
          compiled++;
        } catch (error) {
          if (!isLabError(error, 'plan.unsupported')) throw error;
          expect(error.details).toMatchObject({ node: expect.any(String), op: expect.any(String) });
        }
      }
      process.stdout.write(`${compiled} of ${20 * times} nets compiled\n`);
      expect(compiled).toBeGreaterThanOrEqual(4 * times);
    },
    timeout,
  );
});
