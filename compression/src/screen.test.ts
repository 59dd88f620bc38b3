import type { TensorPack } from '@hilltop/contracts';
import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createHost } from './host.js';
import { makeNode } from './node.js';
import { classesOf, classRule } from './screen/classes.js';
import { referenceOf, type ScreeningReference, screenOutputs, screenVariant } from './screen.js';
import { float32Tensor } from './tensor.js';
import { modelOf, randomFloats } from './testing/models.js';

const host = createHost();
afterAll(() => host.close());

/** Six classes, `y = 3 x` where `x` is nearly one-hot; `gain` and `shift` make variants of it. */
const net = (gain: number, shift = 0, batch: number | string = 'N'): Uint8Array =>
  modelOf({
    nodes: [makeNode('Mul', ['x', 'gain'], ['s']), makeNode('Add', ['s', 'shift'], ['y'])],
    inputs: [{ name: 'x', dims: [batch, 6] }],
    outputs: [{ name: 'y', dims: [batch, 6] }],
    initializers: [
      float32Tensor('gain', [], Float32Array.of(gain)),
      float32Tensor('shift', [6], Float32Array.of(shift, 0, 0, 0, 0, 0)),
    ],
  });

function labelled(items: number): TensorPack {
  const labels = Int32Array.from({ length: items }, (_, i) => i % 6);
  const x = randomFloats(items * 6, 3).map((v, k) => v + (k % 6 === labels[Math.floor(k / 6)]! ? 1 : 0));
  const input = { type: 'float32' as const, dims: [6], scale: 1, offset: 0, data: new Uint8Array(x.buffer) };
  return { items, inputs: [input], labels, classes: 6 };
}

function referenceFor(perItem: number, data: Float32Array, labels?: Int32Array): ScreeningReference {
  const items = data.length / perItem;
  const classes = labels && Math.max(...labels) + 1;
  const outputs = { perItem, data };
  const rule = classRule({ name: 'y', type: 'float32', dims: [] }, outputs, classes);
  const validation: TensorPack = { items, inputs: [], ...(labels && { labels, classes: classes! }) };
  return { validation, outputs, rule, predicted: classesOf(outputs, rule) };
}

describe('screening', () => {
  it('[SCREEN-1] the model itself: every metric of the data, nothing lost', async () => {
    const validation = labelled(120);
    const screening = await screenVariant({ model: net(3), variant: net(3), validation, host });
    const { accuracy, ...rest } = screening.metrics;
    expect(accuracy).toMatchObject({ n: 120, unit: '' });
    const { accuracy: expected } = await host.evaluate(net(3), validation);
    expect(accuracy!.value).toBe(expected);
    expect(Object.keys(rest).sort()).toEqual(['accuracy_top5', 'agreement', 'auc', 'f1_macro', 'mse']);
    expect(rest.agreement).toMatchObject({ value: 1, high: 1 });
    // No noise: nothing to divide by, and no spread to make an interval of.
    expect(rest.mse).toEqual({ value: 0, n: 120, unit: '' });
    expect(screening).toMatchObject({
      set: 'validation',
      items: 120,
      comparison: { onlyModel: 0, onlyVariant: 0, pValue: 1, difference: { value: 0 } },
    });
  });

  it('[SCREEN-1] a variant with one reference for many: error and SQNR are what arithmetic says', async () => {
    const validation = labelled(60);
    const reference = await referenceOf({ model: net(2), validation, host });
    const { metrics } = await screenVariant({ model: net(2), variant: net(1.8), validation, host, reference });
    // Every value is a tenth short: noise is a hundredth of the signal, item by item.
    expect(metrics.sqnr_db).toEqual({
      value: expect.closeTo(20, 4),
      low: expect.closeTo(20, 4),
      high: expect.closeTo(20, 4),
      n: 60,
      unit: 'dB',
    });
    const power = reference.outputs.data.reduce((sum, v) => sum + v * v, 0) / reference.outputs.data.length;
    expect(metrics.mse!.value).toBeCloseTo(power / 100, 5);
    expect(metrics.mse!.low!).toBeLessThan(metrics.mse!.value);
    expect(metrics.agreement!.value).toBe(1);
  });

  it('[SCREEN-1] without labels there is agreement and distance, no accuracy and no comparison', async () => {
    const { labels: _labels, classes: _classes, ...validation } = labelled(30);
    const screening = await screenVariant({ model: net(1), variant: net(1, 5), validation, host });
    expect(Object.keys(screening.metrics).sort()).toEqual(['agreement', 'mse', 'sqnr_db']);
    expect(screening.metrics.agreement!.value).toBeLessThan(0.5);
    expect(screening.comparison).toBeUndefined();
  });

  it('[SCREEN-1] a model that takes a fixed number at once is judged by the items that fill it', async () => {
    const screening = await screenVariant({
      model: net(1, 0, 16),
      variant: net(1, 0, 16),
      validation: labelled(40),
      host,
    });
    expect(screening.items).toBe(32);
    const whole = await screenVariant({ model: net(1), variant: net(1), validation: labelled(32), host });
    expect(screening.metrics).toEqual(whole.metrics);
  });

  it('[SCREEN-1] large outputs are compared on as many items as fit, and it says how many', async () => {
    const validation = labelled(40);
    const items = async (model: Uint8Array, limit: number): Promise<number> =>
      (await referenceOf({ model, validation, host }, limit)).validation.items;
    expect([await items(net(1), 10 * 6), await items(net(1), 1), await items(net(1, 0, 16), 39 * 6)]).toEqual([
      10, 1, 32,
    ]);
    const free = modelOf({
      nodes: [makeNode('Relu', ['x'], ['y'])],
      inputs: [{ name: 'x', dims: ['N', 'D'] }],
      outputs: [{ name: 'y', dims: ['N', 'D'] }],
    });
    expect([await items(free, 10 * 6), await items(free, 1e9)]).toEqual([10, 40]);
  });

  it('[SCREEN-3] a single score of two classes has accuracy and AUC; of a quantity only its distance is known', () => {
    const labels = Int32Array.of(0, 0, 1, 1);
    const model = referenceFor(1, Float32Array.of(0.1, 0.2, 0.8, 0.9), labels);
    const { metrics, comparison } = screenOutputs(model, { perItem: 1, data: Float32Array.of(0.1, 0.6, 0.7, 0.4) });
    expect(Object.fromEntries(Object.entries(metrics).map(([id, metric]) => [id, metric!.value]))).toEqual({
      agreement: 0.5,
      accuracy: 0.5,
      f1_macro: 0.5,
      auc: 0.75,
      mse: expect.closeTo(0.105, 6),
      sqnr_db: expect.closeTo(10 * Math.log10(1.5 / 0.42), 4),
    });
    expect(comparison).toMatchObject({
      both: 2,
      onlyModel: 2,
      onlyVariant: 0,
      neither: 0,
      pValue: expect.closeTo(0.5, 12),
    });
    const quantity = referenceFor(1, Float32Array.of(20, 30));
    expect(Object.keys(screenOutputs(quantity, { perItem: 1, data: Float32Array.of(21, 30) }).metrics)).toEqual([
      'mse',
      'sqnr_db',
    ]);
  });

  it('[SCREEN-4] what is not finite is right about no item, has no distance, and is below every floor', () => {
    const labels = Int32Array.of(0, 1);
    const model = referenceFor(2, Float32Array.of(1, 0, 0, 1), labels);
    const nan = screenOutputs(
      model,
      { perItem: 2, data: new Float32Array(4).fill(Number.NaN) },
      { agreement: 0.5, sqnr_db: -20 },
    );
    expect(nan).toMatchObject({
      metrics: { agreement: { value: 0 }, accuracy: { value: 0 } },
      comparison: { onlyModel: 2 },
      belowFloor: ['agreement', 'sqnr_db'],
    });
    expect(Object.keys(nan.metrics).sort()).toEqual(['accuracy', 'agreement', 'f1_macro']);
    expect(JSON.parse(JSON.stringify(nan))).toEqual(nan);
  });

  it('[SCREEN-4] names the floors that were not reached, and only those', () => {
    const model = referenceFor(2, Float32Array.of(1, 0, 0, 1));
    const floor = { agreement: 0.9, sqnr_db: 15 };
    const at = (...values: number[]) =>
      screenOutputs(model, { perItem: 2, data: Float32Array.from(values) }, floor).belowFloor;
    expect([at(1, 0, 0, 1), at(0.9, 0, 0, 0.9), at(0.7, 0, 0, 0.7), at(0, 0.1, 0.1, 0)]).toEqual([
      undefined,
      undefined,
      ['sqnr_db'],
      ['agreement', 'sqnr_db'],
    ]);
  });

  it('[SCREEN-1] a variant whose first output has another size is refused', () => {
    const model = referenceFor(2, Float32Array.of(1, 0));
    expect(() => screenOutputs(model, { perItem: 3, data: new Float32Array(3) })).toThrow(
      expect.objectContaining({ code: 'run.output-invalid' }),
    );
  });

  it('[SCREEN-1] intervals hold their values, whatever comes out', () => {
    const values = fc.float({ noDefaultInfinity: true, noNaN: true, min: -1000, max: 1000 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.array(
          fc.tuple(
            fc.array(values, { minLength: 8, maxLength: 8 }),
            fc.array(values, { minLength: 8, maxLength: 8 }),
            fc.nat(7),
          ),
          {
            minLength: 1,
            maxLength: 30,
          },
        ),
        (perItem, items) => {
          const of = (side: 0 | 1) => Float32Array.from(items.flatMap((item) => item[side].slice(0, perItem)));
          const labels = Int32Array.from(items, ([, , label]) => label);
          const { metrics, comparison } = screenOutputs(referenceFor(perItem, of(0), labels), { perItem, data: of(1) });
          for (const metric of Object.values(metrics)) {
            expect(Number.isFinite(metric!.value)).toBe(true);
            if (metric!.low === undefined) continue;
            expect(metric!.low).toBeLessThanOrEqual(metric!.value);
            expect(metric!.high).toBeGreaterThanOrEqual(metric!.value);
          }
          if (comparison)
            expect(comparison.both + comparison.onlyModel + comparison.onlyVariant + comparison.neither).toBe(
              items.length,
            );
        },
      ),
    );
  });
});
