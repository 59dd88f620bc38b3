import { afterAll, describe, expect, it } from '@jest/globals';
import { applyRecipe } from './apply.js';
import { modelCost } from './cost.js';
import { createHost } from './host.js';
import { makeNode } from './node.js';
import { resolveRecipe } from './recipe.js';
import { DataType, float16Tensor, float32Tensor, int8Tensor, uint8Tensor } from './tensor.js';
import { modelOf, randomFloats, randomPack, randomWeight, residualNet } from './testing/models.js';

const host = createHost();
afterAll(() => host.close());

describe('modelCost', () => {
  it('counts one item of convolutions and products, and what is alive in each layer', async () => {
    const artifact = modelOf({
      nodes: [
        makeNode('Conv', ['x', 'w'], ['c'], { strides: [2n, 2n] }, { name: 'first' }),
        makeNode('Conv', ['c', 'd'], ['e'], { group: 8 }),
        makeNode('Relu', ['e'], ['r']),
        makeNode('GlobalAveragePool', ['r'], ['g']),
        makeNode('Flatten', ['g'], ['f']),
        makeNode('Gemm', ['f', 'v', 'b'], ['h']),
        makeNode('MatMul', ['h', 'u'], ['y']),
      ],
      inputs: [{ name: 'x', dims: ['N', 4, 'H', 'W'] }],
      outputs: [{ name: 'y', dims: ['N', 3] }],
      initializers: [
        randomWeight('w', [8, 4, 3, 3], 1),
        randomWeight('d', [8, 1, 2, 2], 2),
        randomWeight('v', [8, 5], 3),
        randomWeight('b', [5], 4),
        randomWeight('u', [5, 3], 5),
      ],
    });
    // Conv 8 x 4 x 4 outputs of 36 products, depthwise 8 x 3 x 3 of 4, Gemm 5 of 8, MatMul 3 of 5.
    const want = {
      parameters: 288 + 32 + 40 + 5 + 15,
      sparsity: 0,
      macs: 128 * 36 + 72 * 4 + 40 + 15,
      // 4 x 9 x 9 inputs and 8 x 4 x 4 outputs of the first layer; the latter begin at a multiple of 16 bytes.
      activation_peak_bytes: 4 * (324 + 128),
      size_bytes: artifact.length,
      size_compressed_bytes: expect.any(Number),
      layers: [
        { node: 'first', op: 'Conv', macs: 128 * 36, parameters: 288, activation_bytes: 4 * (324 + 128) },
        { node: 'e', op: 'Conv', macs: 72 * 4, parameters: 32, activation_bytes: 4 * (128 + 72) },
        { node: 'r', op: 'Relu', macs: 0, parameters: 0, activation_bytes: 4 * 72 },
        { node: 'g', op: 'GlobalAveragePool', macs: 0, parameters: 0, activation_bytes: 4 * (72 + 8) },
        { node: 'h', op: 'Gemm', macs: 40, parameters: 45, activation_bytes: 4 * (8 + 5) },
        { node: 'y', op: 'MatMul', macs: 15, parameters: 15, activation_bytes: 4 * (5 + 3) },
      ],
    };
    expect(await modelCost(artifact, { host, pack: randomPack(2, [4, 9, 9]) })).toEqual(want);
    expect(await modelCost(artifact, { host, dims: { x: [1, 4, 9, 9] } })).toEqual(want);
  });

  it('leaves arithmetic and memory out where shapes cannot be found', async () => {
    const artifact = modelOf({
      nodes: [makeNode('Conv', ['x', 'w'], ['y'])],
      inputs: [{ name: 'x', dims: ['N', 4, 'H', 'W'] }],
      outputs: [{ name: 'y', dims: ['N', 8, 'h', 'w'] }],
      initializers: [randomWeight('w', [8, 4, 3, 3], 1)],
    });
    expect(await modelCost(artifact, { host })).toEqual({
      parameters: 288,
      sparsity: 0,
      size_bytes: artifact.length,
      size_compressed_bytes: expect.any(Number),
      layers: [{ node: 'y', op: 'Conv', parameters: 288 }],
    });
  });

  it('asks the host for shapes once', async () => {
    const calls: string[] = [];
    const counting = new Proxy(host, {
      get(target, name: keyof typeof host) {
        calls.push(name);
        return target[name];
      },
    });
    await modelCost(residualNet(), { host: counting });
    expect(calls).toEqual(['shapes']);
  });
});

describe('sparsity', () => {
  const half = [0, 1, -0, 2, 0, -3, 0, 4];
  const sparse = (values: readonly number[]): Float32Array<ArrayBuffer> => Float32Array.from(values);
  /** y = x W with `w` [2, 4] made by `nodes` from `stored`. */
  const product = (
    nodes: Parameters<typeof modelOf>[0]['nodes'],
    stored: Parameters<typeof modelOf>[0]['initializers'],
  ) =>
    modelOf({
      nodes: [...nodes, makeNode('MatMul', ['x', 'w'], ['y'])],
      inputs: [{ name: 'x', dims: [1, 2] }],
      outputs: [{ name: 'y', dims: [1, 4] }],
      initializers: stored!,
      opset: 13,
    });
  const scale = float32Tensor('s', [], Float32Array.of(0.5));

  it.each([
    ['float32', product([], [float32Tensor('w', [2, 4], sparse(half))])],
    [
      'float16, widened',
      product([makeNode('Cast', ['h'], ['w'], { to: DataType.FLOAT })], [float16Tensor('h', [2, 4], sparse(half))]),
    ],
    [
      'int8, cast and scaled',
      product(
        [makeNode('Cast', ['i'], ['f'], { to: DataType.FLOAT }), makeNode('Mul', ['f', 's'], ['w'])],
        [int8Tensor('i', [2, 4], Int8Array.from(half)), scale],
      ),
    ],
    [
      'uint8 with a zero point',
      product(
        [makeNode('DequantizeLinear', ['i', 's', 'z'], ['w'])],
        [
          uint8Tensor(
            'i',
            [2, 4],
            Uint8Array.from(half, (v) => v + 7),
          ),
          scale,
          uint8Tensor('z', [], Uint8Array.of(7)),
        ],
      ),
    ],
    [
      'uint8 with zero points for each row',
      product(
        [makeNode('DequantizeLinear', ['i', 'ss', 'z'], ['w'], { axis: 0 })],
        [
          uint8Tensor(
            'i',
            [2, 4],
            Uint8Array.from(half, (v, k) => v + (k < 4 ? 7 : 9)),
          ),
          float32Tensor('ss', [2], Float32Array.of(0.5, 0.5)),
          uint8Tensor('z', [2], Uint8Array.of(7, 9)),
        ],
      ),
    ],
    [
      'a codebook: decoded by the runtime',
      product(
        [makeNode('Cast', ['i'], ['j'], { to: DataType.INT32 }), makeNode('Gather', ['book', 'j'], ['w'])],
        [
          uint8Tensor('i', [2, 4], Uint8Array.of(0, 1, 0, 2, 0, 3, 0, 1)),
          float32Tensor('book', [4], sparse([0, 1, 2, 3])),
        ],
      ),
    ],
  ])('of %s weights', async (_form, artifact) => {
    expect((await modelCost(artifact, { host })).sparsity).toBe(0.5);
  });

  it('is that of the float weights whatever form a recipe stores them in', async () => {
    const weights = randomFloats(4096, 3).map((v) => (v > 0.2 ? v : 0));
    const artifact = modelOf({
      nodes: [makeNode('MatMul', ['x', 'w'], ['y'])],
      inputs: [{ name: 'x', dims: [1, 64] }],
      outputs: [{ name: 'y', dims: [1, 64] }],
      initializers: [float32Tensor('w', [64, 64], weights)],
    });
    const share = weights.filter((v) => v === 0).length / weights.length;
    expect((await modelCost(artifact, { host })).sparsity).toBe(share);
    for (const parameters of [{ bits: 8 }, { bits: 4 }]) {
      const recipe = resolveRecipe({
        name: 'small',
        title: 'Small',
        description: 'Of a test.',
        steps: [{ pass: 'quantize-weights', parameters }],
      });
      const { sparsity } = await modelCost((await applyRecipe({ model: artifact, recipe, host })).artifact, { host });
      // Small weights are rounded to zero besides: up to half a step of the range's 127 or 7.
      expect(sparsity).toBeGreaterThanOrEqual(share);
      expect(sparsity).toBeLessThan(share + (parameters.bits === 8 ? 0.01 : 0.1));
    }
  });

  it('is absent where a model has no weights', async () => {
    const artifact = modelOf({
      nodes: [makeNode('Relu', ['x'], ['y'])],
      inputs: [{ name: 'x', dims: [1, 4] }],
      outputs: [{ name: 'y', dims: [1, 4] }],
    });
    const cost = await modelCost(artifact, { host });
    expect(cost).toMatchObject({ parameters: 0, macs: 0, activation_peak_bytes: 16 });
    expect(cost).not.toHaveProperty('sparsity');
  });
});
