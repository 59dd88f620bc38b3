import { isLabError, readPlan } from '@hilltop/contracts';
import { afterAll, describe, expect, it } from '@jest/globals';
import { createHost } from '../host.js';
import { makeNode } from '../node.js';
import { modelOf, randomWeight } from '../testing/models.js';
import { QdqBuilder } from '../testing/qdq-builder.js';
import { qdqCase, qdqCaseNames } from '../testing/qdq-cases.js';
import { compilePlan } from './compile.js';
import { planFits } from './fits.js';
import { memoryPicture } from './picture.js';
import { planToC } from './to-c.js';

const host = createHost();
afterAll(() => host.close());

async function refusal(model: Uint8Array): Promise<{ code: string; node?: unknown; op?: unknown } | undefined> {
  try {
    await compilePlan(model, { host });
    return undefined;
  } catch (error) {
    if (!isLabError(error)) throw error;
    return { code: error.code, node: error.details['node'], op: error.details['op'] };
  }
}

/** A graph with one operator between DequantizeLinear and QuantizeLinear. */
function around(make: (b: QdqBuilder, x: string) => string, dims: readonly number[] = [1, 4, 6, 6]): Uint8Array {
  const b = new QdqBuilder(1);
  return b.finish(b.quantized(make(b, b.input(dims)), -1, 1), dims);
}

describe('compilePlan', () => {
  it.each(qdqCaseNames)('%s: the same bytes again, an arena not below its bound, a picture inside it', async (name) => {
    const { model } = qdqCase(name, 3);
    const made = await compilePlan(model, { host });
    expect(await compilePlan(model, { host })).toEqual(made);
    expect(readPlan(made.plan)).toEqual(made.facts);
    expect(made.facts.arenaBytes).toBeGreaterThanOrEqual(made.lowerBound);
    expect(made.layers.map((layer) => layer.kind)).toEqual(made.facts.ops.map((op) => op.kind));
    const { rectangles, steps } = memoryPicture(made.facts);
    for (const r of rectangles) expect(r.offset + r.bytes <= made.facts.arenaBytes && r.to < steps).toBe(true);
  });

  it('keeps no Flatten: the order is in the weights', async () => {
    const { facts } = await compilePlan(qdqCase('Flatten and Gemm', 1).model, { host });
    expect(facts.ops.map((op) => op.kind)).toEqual(['conv', 'dense']);
  });

  it.each([
    ['an operator without a kernel', around((b, x) => b.node('Erf', [x])), 'Erf'],
    [
      'a layer with float weights',
      around((b, x) => b.node('Conv', [x, b.store((n) => randomWeight(n, [4, 4, 1, 1], 1))])),
      'Conv',
    ],
    [
      'a float operator in the middle',
      around((b, x) => b.node('GlobalAveragePool', [b.node('Sigmoid', [x])])),
      'GlobalAveragePool',
    ],
  ])('refuses %s by its name', async (_what, model, op) => {
    expect(await refusal(model)).toMatchObject({ code: 'plan.unsupported', op, node: expect.stringContaining(op) });
  });

  it('refuses a float model, and a free axis that is not the batch', async () => {
    const nodes = [makeNode('Relu', ['x'], ['y'], {}, { name: 'relu' })];
    const float = modelOf({ nodes, inputs: [{ name: 'x', dims: [1, 4] }], outputs: [{ name: 'y', dims: [1, 4] }] });
    expect(await refusal(float)).toMatchObject({ code: 'plan.unsupported', node: 'relu' });
    const b = new QdqBuilder(1);
    const free = b.finish(b.input([1, 'T' as unknown as number]), [1, 'T' as unknown as number]);
    expect(await refusal(free)).toMatchObject({ code: 'model.shape-unknown' });
    expect((await compilePlan(free, { host, dims: { x0: [1, 7] } })).facts.inputs[0]!.dims).toEqual([1, 7]);
  });
});

describe('a compiled plan', () => {
  const needs = { arenaBytes: 1000, flashBytes: 5000 };
  it('fits, or is refused with the numbers', () => {
    const code = (room: Parameters<typeof planFits>[1]): unknown => {
      try {
        return planFits(needs, room);
      } catch (error) {
        return isLabError(error, 'plan.too-large') && [error.details['need'], error.details['have']];
      }
    };
    expect([{ ramBytes: 6000 }, { ramBytes: 1000, flashBytes: 5000 }].map(code)).toEqual([undefined, undefined]);
    expect(code({ ramBytes: 5999 })).toEqual([6000, 5999]);
    expect(code({ ramBytes: 999, flashBytes: 5000 })).toEqual([1000, 999]);
    expect(code({ ramBytes: 9999, flashBytes: 4999 })).toEqual([5000, 4999]);
  });

  it('is a C array', async () => {
    const { plan } = await compilePlan(qdqCase('Gemm', 1).model, { host });
    const bytes = [...planToC(plan, 'my model').matchAll(/0x([0-9a-f]{2})/g)].map(([, hex]) =>
      Number.parseInt(hex!, 16),
    );
    expect(bytes).toEqual([...plan]);
    expect(planToC(plan, 'my model')).toContain(`my_model[${plan.length}]`);
  });
});
