import { isLabError, type LabError } from '@hilltop/contracts';
import { afterAll, describe, expect, it } from '@jest/globals';
import { applyRecipe } from '../apply.js';
import { createHost } from '../host.js';
import { makeNode } from '../node.js';
import { resolveRecipe } from '../recipe.js';
import { float32Tensor, int8Tensor } from '../tensor.js';
import { modelOf, randomPack, randomWeight, residualNet } from '../testing/models.js';
import { QdqBuilder } from '../testing/qdq-builder.js';
import { compilePlan } from './compile.js';
import { type PlanRoom, planFits } from './fits.js';

const host = createHost();
afterAll(() => host.close());

async function refusal(model: Uint8Array): Promise<LabError> {
  try {
    await compilePlan(model, { host });
  } catch (error) {
    if (isLabError(error)) return error;
    throw error;
  }
  throw new Error('it compiles');
}

type Dims = readonly (number | string)[];
type Attributes = Parameters<QdqBuilder['node']>[2];

/** A graph with something between DequantizeLinear and QuantizeLinear. */
function around(make: (b: QdqBuilder, x: string) => string, dims: Dims = [1, 4, 6, 6], opset = 13): Uint8Array {
  const b = new QdqBuilder(1);
  const x = b.input(dims);
  return b.finish(b.quantized(make(b, x), -1, 1), [], opset);
}

const ints = (...values: number[]): bigint[] => values.map(BigInt);
const floats = (b: QdqBuilder, ...dims: number[]): string => b.store((n) => randomWeight(n, dims, 1));
const op =
  (type: string, attributes: Attributes = {}) =>
  (b: QdqBuilder, x: string): string =>
    b.node(type, [x], attributes);
/** A weight behind a DequantizeLinear with parameters of its own. */
const weight = (b: QdqBuilder, dims: readonly number[], zero: number, axis?: number): string => {
  const count = axis === undefined ? 1 : dims[axis]!;
  const shape = axis === undefined ? [] : [count];
  return b.node(
    'DequantizeLinear',
    [
      b.store((n) => int8Tensor(n, dims, new Int8Array(dims.reduce((p, d) => p * d, 1)).fill(3))),
      b.store((n) => float32Tensor(n, shape, new Float32Array(count).fill(0.01))),
      b.store((n) => int8Tensor(n, shape, new Int8Array(count).fill(zero))),
    ],
    axis === undefined ? {} : { axis },
  );
};
const conv = (b: QdqBuilder, x: string, w: string): string => b.node('Conv', [x, w], { kernel_shape: ints(1, 1) });
const gemm = (b: QdqBuilder, x: string, attributes: Attributes = {}): string =>
  b.node('Gemm', [x, weight(b, [4, 4], 0)], attributes);

/** What is tried, the model, the operator named, and what the message says to do. */
const table: readonly (readonly [string, () => Uint8Array, string | undefined, RegExp])[] = [
  [
    'an operator without a kernel',
    () => around(op('LRN', { size: 3 })),
    'LRN',
    /no kernel.*: .*another kind of device/,
  ],
  [
    'another one',
    () => around((b, x) => b.node('InstanceNormalization', [x, floats(b, 4), floats(b, 4)])),
    'InstanceNormalization',
    /./,
  ],
  ['a layer with float weights', () => around((b, x) => conv(b, x, floats(b, 4, 4, 1, 1))), 'Conv', /int8-static/],
  [
    'a dense layer with float weights',
    () => around((b, x) => b.node('MatMul', [x, floats(b, 6, 5)])),
    'MatMul',
    /int8-static/,
  ],
  [
    'a float operator in the middle',
    () => around((b, x) => b.node('GlobalAveragePool', [b.node('Sigmoid', [x])])),
    'GlobalAveragePool',
    /is float, as Sigmoid.\d+ \(Sigmoid\) makes it: put QuantizeLinear and DequantizeLinear behind it/,
  ],
  [
    'a sum of a layer that stays float',
    () => around((b, x) => b.node('Add', [conv(b, x, weight(b, [4, 4, 1, 1], 0)), x])),
    'Add',
    /as Conv.\d+ \(Conv\) makes it: put QuantizeLinear/,
  ],
  [
    'a weight with a zero point',
    () => around((b, x) => conv(b, x, weight(b, [4, 4, 1, 1], 5))),
    'Conv',
    /symmetrically/,
  ],
  [
    'a weight with scales along its inputs',
    () => around((b, x) => conv(b, x, weight(b, [4, 4, 1, 1], 0, 1))),
    'Conv',
    /per channel or per tensor/,
  ],
  ['a product of two activations', () => around((b, x) => b.node('MatMul', [x, x])), 'MatMul', /constant/],
  [
    'a dense layer with a transposed input',
    () => around((b, x) => b.node('Gemm', [x, weight(b, [1, 4], 0)], { transA: 1 }), [1, 4]),
    'Gemm',
    /transpose its weight/,
  ],
  [
    'a dense layer that scales',
    () => around((b, x) => gemm(b, x, { alpha: { float: 2 } }), [1, 4]),
    'Gemm',
    /into its weights/,
  ],
  [
    'a normalization by itself',
    () => around((b, x) => b.node('BatchNormalization', [x, ...[1, 2, 3, 4].map(() => floats(b, 4))])),
    'BatchNormalization',
    /apply the pass optimize/,
  ],
  [
    'a division by a tensor',
    () => around((b, x) => b.node('Div', [x, b.constant([1, 4, 6, 6])])),
    'Div',
    /Add, Sub or Mul/,
  ],
  [
    'a padding that reflects',
    () => around((b, x) => b.node('Pad', [x, b.integers([0, 0, 1, 1, 0, 0, 1, 1])], { mode: 'reflect' })),
    'Pad',
    /pad with a constant/,
  ],
  [
    'a padding that cuts',
    () => around((b, x) => b.node('Pad', [x, b.integers([0, 0, -1, 0, 0, 0, 0, 0])])),
    'Pad',
    /smaller input/,
  ],
  [
    'a pool with holes',
    () => around(op('MaxPool', { kernel_shape: ints(2, 2), dilations: ints(2, 2) })),
    'MaxPool',
    /without dilations/,
  ],
  ['an average over channels', () => around(op('ReduceMean', { axes: ints(1) })), 'ReduceMean', /GlobalAveragePool/],
  [
    'a convolution over three axes',
    () =>
      around(
        (b, x) => b.node('Conv', [x, weight(b, [2, 4, 1, 1, 1], 0)], { kernel_shape: ints(1, 1, 1) }),
        [1, 4, 3, 3, 3],
      ),
    undefined,
    /four/,
  ],
  [
    'a batch that is fixed to four',
    () => around(op('Sigmoid'), [4, 3]),
    undefined,
    /x0: its batch is fixed to 4.*batch 1/,
  ],
  [
    'a Softmax of floats in the middle',
    () => around((b, x) => b.node('Softmax', [gemm(b, x)]), [1, 4]),
    'Softmax',
    /quantize that as well, behind the layer/,
  ],
];

describe('models that cannot be compiled', () => {
  it.each(table)(
    '[MCU-24] %s: refused with the node, the reason and what to do',
    async (_what, model, type, remedy) => {
      const error = await refusal(model());
      expect(error.code).toBe('plan.unsupported');
      expect(error.details).toMatchObject({ node: expect.any(String), reason: expect.any(String) });
      expect(error.details['op']).toBe(type);
      const { node } = error.details as { node: string };
      expect(error.message).toContain(type === undefined ? node : `${node} (${type}): `);
      expect(error.message).toMatch(remedy);
    },
  );

  const value = (name: string, dims: Dims = [1, 4]) => ({ name, dims });
  const relu = (input: string, output: string) => makeNode('Relu', [input], [output], {}, { name: `relu ${output}` });

  it('[MCU-24] a float model: refused with its first node and the recipe to apply', async () => {
    const error = await refusal(modelOf({ nodes: [relu('x', 'y')], inputs: [value('x')], outputs: [value('y')] }));
    expect(error).toMatchObject({ code: 'plan.unsupported', details: { node: 'relu y', op: 'Relu' } });
    expect(error.message).toContain('recipe int8-static');
    expect((await refusal(residualNet())).message).toMatch(/conv1 \(Conv\).*int8-static/);
  });

  it('[MCU-24] what an int8 recipe leaves float: refused with the layer that it left', async () => {
    const recipe = resolveRecipe({
      name: 'first-float',
      title: 'First float',
      description: 'Of a test.',
      steps: [{ pass: 'optimize' }, { pass: 'quantize-static', parameters: { 'exclude-first': true } }],
    });
    const { artifact } = await applyRecipe({
      model: residualNet(),
      recipe,
      calibration: randomPack(16, [3, 8, 8]),
      host,
    });
    const error = await refusal(artifact);
    expect(error).toMatchObject({ code: 'plan.unsupported', details: { node: 'conv1', op: 'Conv' } });
    expect(error.message).toMatch(/its input x is float, as the model takes it: put QuantizeLinear/);
  });

  it('[MCU-24] more than one input or output: refused with their names', async () => {
    const b = new QdqBuilder(1);
    const two = b.finish(b.quantized(b.node('Add', [b.input([1, 4]), b.input([1, 4])]), -1, 1), [1, 4]);
    const error = await refusal(two);
    expect(error.code).toBe('plan.unsupported');
    expect(error.message).toMatch(/2 inputs \(x0, x1\) and 1 output \(\w+\).*one of each/);
  });

  it('[MCU-24] a free axis that is not the batch: refused with its name until its size is given', async () => {
    const b = new QdqBuilder(1);
    const free = b.finish(b.input([1, 'T']), [1, 'T']);
    const error = await refusal(free);
    expect(error).toMatchObject({ code: 'model.shape-unknown', details: { input: 'x0', axis: 1 } });
    expect(error.message).toContain('--shape x0=');
    expect((await compilePlan(free, { host, dims: { x0: [1, 7] } })).facts.inputs[0]!.dims).toEqual([1, 7]);
  });
});

describe('a plan that is compiled', () => {
  const needs = { arenaBytes: 1000, flashBytes: 5000 };
  it.each<[PlanRoom, [number, number] | undefined]>([
    [{ ramBytes: 6000 }, undefined],
    [{ ramBytes: 1000, flashBytes: 5000 }, undefined],
    [{ ramBytes: 5999 }, [6000, 5999]],
    [{ ramBytes: 999, flashBytes: 5000 }, [1000, 999]],
    [{ ramBytes: 9999, flashBytes: 4999 }, [5000, 4999]],
  ])('[MCU-24] in %j: fits, or is refused with what it needs and what there is', (room, numbers) => {
    let refused: unknown;
    try {
      planFits(needs, room);
    } catch (error) {
      refused = error;
    }
    if (!numbers) expect(refused).toBeUndefined();
    else {
      expect(refused).toMatchObject({ code: 'plan.too-large', details: { need: numbers[0], have: numbers[1] } });
      for (const number of numbers) expect((refused as Error).message).toContain(`${number}`);
    }
  });
});
