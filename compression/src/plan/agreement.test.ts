import { readPlan } from '@hilltop/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHost } from '../host.js';
import { randomPack } from '../testing/models.js';
import { type Agreement, agreementOf, noOutputs, type RunPlan, together } from '../testing/plan-agreement.js';
import { buildPlanHost, hasCompiler, type PlanHost } from '../testing/plan-host.js';
import { planReference } from '../testing/plan-reference.js';
import { qdqCase, qdqCaseNames } from '../testing/qdq-cases.js';
import { compilePlan } from './compile.js';

const host = createHost();
afterAll(() => host.close());

/** All cases, in both types of activations, for some seeds; `run` makes the runner of a plan. */
async function overCases(seeds: number, items: number, run: (plan: Uint8Array) => RunPlan): Promise<Agreement> {
  let sum = noOutputs;
  for (const name of qdqCaseNames)
    for (const type of ['uint8', 'int8'] as const)
      for (let seed = 1; seed <= seeds; seed++) {
        const { model, item } = qdqCase(name, seed, type);
        const { plan } = await compilePlan(model, { host });
        sum = together(sum, await agreementOf({ plan, model }, randomPack(items, item, seed + 50), host, run(plan)));
      }
  return sum;
}

describe('plans, run by their definition,', () => {
  it('give what ONNX Runtime gives, for every operator', async () => {
    const { byOne, byMore, outputs } = await overCases(1, 2, (plan) => {
      const run = planReference(plan);
      return (all) => all.map((inputs) => run(inputs)[0]!);
    });
    expect(outputs).toBeGreaterThan(50_000);
    expect(byOne / outputs).toBeLessThanOrEqual(0.0005);
    expect(byMore).toBe(0);
  }, 120_000);
});

const describeWithCompiler = hasCompiler ? describe : describe.skip;
describeWithCompiler('plans, run by the firmware on this machine,', () => {
  let board: PlanHost;
  beforeAll(() => {
    board = buildPlanHost();
  });
  afterAll(() => board.close());

  it('differ from ONNX Runtime in at most 0.05 % of a million outputs by 1, in none by 2', async () => {
    const sum = await overCases(2, 32, (plan) => (all) => board.run(plan, readPlan(plan), all));
    process.stdout.write(`${sum.byOne} of ${sum.outputs} outputs differ by 1, ${sum.byMore} by more\n`);
    expect(sum.outputs).toBeGreaterThanOrEqual(1_000_000);
    expect(sum.byOne / sum.outputs).toBeLessThanOrEqual(0.0005);
    expect(sum.byMore).toBe(0);
  }, 180_000);
});
