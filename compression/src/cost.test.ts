import { afterAll, describe, expect, it } from '@jest/globals';
import { modelCost } from './cost.js';
import { createHost } from './host.js';
import { makeNode } from './node.js';
import { modelOf, randomPack, randomWeight } from './testing/models.js';

const host = createHost();
afterAll(() => host.close());

describe('modelCost', () => {
  it('counts one item of convolutions and products', async () => {
    const artifact = modelOf({
      nodes: [
        makeNode('Conv', ['x', 'w'], ['c'], { strides: [2n, 2n] }),
        makeNode('Conv', ['c', 'd'], ['e'], { group: 8 }),
        makeNode('GlobalAveragePool', ['e'], ['g']),
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
      macs: 128 * 36 + 72 * 4 + 40 + 15,
      size_bytes: artifact.length,
      size_compressed_bytes: expect.any(Number),
    };
    expect(await modelCost(artifact, { host, pack: randomPack(2, [4, 9, 9]) })).toEqual(want);
    expect(await modelCost(artifact, { host, dims: { x: [1, 4, 9, 9] } })).toEqual(want);
  });

  it('leaves arithmetic out where shapes cannot be found', async () => {
    const artifact = modelOf({
      nodes: [makeNode('Conv', ['x', 'w'], ['y'])],
      inputs: [{ name: 'x', dims: ['N', 4, 'H', 'W'] }],
      outputs: [{ name: 'y', dims: ['N', 8, 'h', 'w'] }],
      initializers: [randomWeight('w', [8, 4, 3, 3], 1)],
    });
    expect(Object.keys(await modelCost(artifact, { host }))).toEqual([
      'parameters',
      'size_bytes',
      'size_compressed_bytes',
    ]);
  });
});
