import { readPlan } from '@hilltop/contracts';
import { afterAll, describe, expect, it } from '@jest/globals';
import { createHost } from '../host.js';
import { qdqCase, qdqCaseNames, unaryCaseNames } from '../testing/qdq-cases.js';
import { sampleModels, sampleVariant } from '../testing/sample-models.js';
import { compilePlan } from './compile.js';
import { memoryPicture } from './picture.js';

const host = createHost();
afterAll(() => host.close());

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
});

describe('functions of one value', () => {
  it.each([...unaryCaseNames, 'a hard swish of parts'])('[MCU-22] %s: one table, nothing else', async (name) => {
    const { facts } = await compilePlan(qdqCase(name, 1).model, { host });
    expect(facts.ops.map((op) => op.kind)).toEqual(['table']);
  });
});

describe('the arena of a sample model', () => {
  it.each([
    ...sampleModels.map((model) => [model, 'int8-static'] as const),
    ['fashion-resnet-micro', 'prune-channels-50+int8'] as const,
  ])(
    '[MCU-23] %s, %s: within 5 % of the most bytes alive at once',
    async (model, recipe) => {
      const { facts, lowerBound } = await compilePlan(await sampleVariant(model, recipe, host), { host });
      expect(facts.arenaBytes).toBeGreaterThanOrEqual(lowerBound);
      expect(facts.arenaBytes).toBeLessThanOrEqual(1.05 * lowerBound);
      // The same from the plan alone: bytes of the arena that hold something in the fullest step.
      const { rectangles, steps } = memoryPicture(facts);
      const alive = Array.from({ length: steps }, (_, step) => {
        const held = new Uint8Array(facts.arenaBytes);
        for (const { from, to, offset, bytes } of rectangles)
          if (from <= step && step <= to) held.fill(1, offset, offset + bytes);
        return held.reduce((sum, byte) => sum + byte, 0);
      });
      expect(facts.arenaBytes).toBeLessThanOrEqual(1.05 * Math.max(...alive));
    },
    60_000,
  );
});
