import { afterAll, describe, expect, it } from '@jest/globals';
import { createHost } from '../host.js';
import { makeNode, type Node } from '../node.js';
import type { PassParameters } from '../pass.js';
import { equalize } from '../passes/equalize.js';
import { float32Tensor, int64Tensor } from '../tensor.js';
import { applyPass } from '../testing/apply-pass.js';
import { randomPack, randomWeight, type ValueSpec } from '../testing/models.js';
import {
  anything,
  b1,
  conv,
  difference,
  flat,
  headWeight,
  image,
  net,
  pads,
  rows,
  twoLayers,
  unbalanced,
  w1,
  w2,
} from '../testing/unbalanced-nets.js';

const host = createHost();
afterAll(() => host.close());

const apply = (bytes: Uint8Array, given: PassParameters = {}, dims: readonly number[] = [4, 6, 6]) =>
  applyPass(equalize, bytes, given, { host, calibration: randomPack(32, dims) });
describe('findPairs', () => {
  const cases: [string, Uint8Array, readonly number[]][] = [
    ['nothing', twoLayers([], 'c'), [4, 6, 6]],
    ['Relu', twoLayers([makeNode('Relu', ['c'], ['r'])], 'r'), [4, 6, 6]],
    ['LeakyRelu', twoLayers([makeNode('LeakyRelu', ['c'], ['r'], { alpha: { float: 0.2 } })], 'r'), [4, 6, 6]],
    ['PRelu', twoLayers([makeNode('PRelu', ['c', 'k'], ['r'])], 'r', [randomWeight('k', [8, 1, 1], 7)]), [4, 6, 6]],
    [
      'Clip without an upper bound',
      twoLayers([makeNode('Clip', ['c', 'k'], ['r'])], 'r', [float32Tensor('k', [], Float32Array.of(0))]),
      [4, 6, 6],
    ],
    [
      'Clip of set 7 from 0 on',
      twoLayers([makeNode('Clip', ['c'], ['r'], { min: { float: 0 } })], 'r', [], 7),
      [4, 6, 6],
    ],
    [
      'Relu, MaxPool',
      twoLayers([makeNode('Relu', ['c'], ['r']), makeNode('MaxPool', ['r'], ['m'], { kernel_shape: [2n, 2n] })], 'm'),
      [4, 6, 6],
    ],
    [
      'AveragePool',
      twoLayers([makeNode('AveragePool', ['c'], ['m'], { kernel_shape: [2n, 2n], ...pads })], 'm'),
      [4, 6, 6],
    ],
    [
      'Pad',
      twoLayers([makeNode('Pad', ['c', 'k'], ['m'])], 'm', [int64Tensor('k', [8], [0n, 0n, 1n, 0n, 0n, 0n, 2n, 1n])]),
      [4, 6, 6],
    ],
    [
      'Slice of positions',
      twoLayers([makeNode('Slice', ['c', 'k', 'l', 'm'], ['p'])], 'p', [
        int64Tensor('k', [2], [1n, 0n]),
        int64Tensor('l', [2], [5n, 9n]),
        int64Tensor('m', [2], [-1n, 2n]),
      ]),
      [4, 6, 6],
    ],
    [
      'a constant added and one multiplied',
      twoLayers([makeNode('Add', ['k', 'c'], ['s']), makeNode('Mul', ['s', 'f'], ['m'])], 'm', [
        randomWeight('k', [1, 8, 1, 1], 6),
        randomWeight('f', [8, 1, 1], 8),
      ]),
      [4, 6, 6],
    ],
    [
      'GlobalAveragePool, Flatten before a Gemm',
      net(
        [
          conv('x', 'c', ['w1', 'b1']),
          makeNode('GlobalAveragePool', ['c'], ['g']),
          makeNode('Flatten', ['g'], ['f']),
          makeNode('Gemm', ['f', 'v'], ['y']),
        ],
        [w1, b1, headWeight(8)],
        image,
        rows,
      ),
      [4, 6, 6],
    ],
    [
      'ReduceMean before a MatMul',
      net(
        [
          conv('x', 'c', ['w1', 'b1']),
          makeNode('ReduceMean', ['c'], ['g'], { axes: [2n, -1n], keepdims: 0 }),
          makeNode('MatMul', ['g', 'v'], ['y']),
        ],
        [w1, b1, headWeight(8)],
        image,
        rows,
      ),
      [4, 6, 6],
    ],
    [
      'Flatten of several positions',
      net(
        [
          conv('x', 'c', ['w1', 'b1']),
          makeNode('Relu', ['c'], ['r']),
          makeNode('Flatten', ['r'], ['f']),
          makeNode('Gemm', ['f', 'v'], ['y']),
        ],
        [w1, b1, headWeight(128)],
        image,
        rows,
      ),
      [4, 6, 6],
    ],
    ...(['[0, -1]', '[-1, 128]'] as const).map((target): [string, Uint8Array, readonly number[]] => [
      `Reshape to ${target}`,
      net(
        [conv('x', 'c', ['w1', 'b1']), makeNode('Reshape', ['c', 'k'], ['f']), makeNode('MatMul', ['f', 'v'], ['y'])],
        [w1, b1, headWeight(128), int64Tensor('k', [2], (JSON.parse(target) as number[]).map(BigInt))],
        image,
        rows,
      ),
      [4, 6, 6],
    ]),
    [
      'Relu between a Gemm and a transposed Gemm',
      net(
        [
          makeNode('Gemm', ['x', 'a', 'b'], ['h']),
          makeNode('Relu', ['h'], ['r']),
          makeNode('Gemm', ['r', 'v'], ['y'], { transB: 1 }),
        ],
        [
          unbalanced(randomWeight('a', [12, 10], 1), 1, 2, 1),
          randomWeight('b', [1, 10], 2),
          randomWeight('v', [5, 10], 3),
        ],
        flat,
        rows,
      ),
      [12],
    ],
    [
      'bias and Relu between MatMuls over three axes',
      net(
        [
          makeNode('MatMul', ['x', 'a'], ['h']),
          makeNode('Add', ['h', 'b'], ['s']),
          makeNode('Relu', ['s'], ['r']),
          makeNode('MatMul', ['r', 'v'], ['y']),
        ],
        [
          unbalanced(randomWeight('a', [12, 10], 1), 1, 2, 1),
          randomWeight('b', [10], 2),
          randomWeight('v', [10, 5], 3),
        ],
        [{ name: 'x', dims: ['N', 3, 12] }],
        [{ name: 'y', dims: ['N', 3, 5] }],
      ),
      [3, 12],
    ],
  ];
  it.each(cases)('keeps what the model gives through %s', async (_title, bytes, dims) => {
    const { bytes: scaled, notes } = await apply(bytes, {}, dims);
    expect(notes).toEqual([expect.stringContaining('1 pair equalized')]);
    expect(Buffer.compare(scaled, bytes)).not.toBe(0);
    expect(await difference(host, bytes, scaled, dims)).toBeLessThan(1e-4);
  });

  it.each([
    [
      'two readers',
      [
        makeNode('Relu', ['c'], ['r']),
        conv('r', 'a', ['w2'], pads),
        conv('r', 'b', ['v2'], pads),
        makeNode('Add', ['a', 'b'], ['y']),
      ],
      anything,
    ],
    ['Sigmoid', [makeNode('Sigmoid', ['c'], ['r']), conv('r', 'y', ['w2'])], anything],
    ['Clip(0, 6)', [makeNode('Clip', ['c', 'low', 'high'], ['r']), conv('r', 'y', ['w2'])], anything],
    [
      'an output of the model',
      [makeNode('Relu', ['c'], ['r']), conv('r', 'y', ['w2'])],
      [...anything, { name: 'r', dims: ['a', 'b', 'c', 'd'] }],
    ],
    ['a Slice of channels', [makeNode('Slice', ['c', 's0', 's1', 's1'], ['r']), conv('r', 'y', ['w7'])], anything],
    ['a MatMul over positions', [makeNode('MatMul', ['c', 'm'], ['y'])], anything],
    [
      'a Reshape that mixes items',
      [makeNode('Reshape', ['c', 'k'], ['f']), makeNode('MatMul', ['f', 'm8'], ['y'])],
      rows,
    ],
  ] as [string, Node[], ValueSpec[]][])(
    'refuses where %s stands in the way, naming the layer',
    async (_title, nodes, ends) => {
      const bytes = net(
        [conv('x', 'c', ['w1', 'b1'], pads), ...nodes],
        [
          w1,
          b1,
          w2,
          { ...w2, name: 'v2' },
          float32Tensor('low', [], Float32Array.of(0)),
          float32Tensor('high', [], Float32Array.of(6)),
          randomWeight('m', [6, 8], 4),
          randomWeight('m8', [8, 3], 4),
          int64Tensor('k', [2], [-1n, 8n]),
          int64Tensor('s0', [1], [0n]),
          int64Tensor('s1', [1], [1n]),
          randomWeight('w7', [4, 1, 1, 1], 4),
        ],
        image,
        ends,
      );
      await expect(apply(bytes)).rejects.toEqual(
        expect.objectContaining({ code: 'pass.not-applicable', details: expect.objectContaining({ node: 'conv c' }) }),
      );
    },
  );

  it('does not trust one run about a Reshape where sizes are free', async () => {
    const pixels = (dims: (number | string)[]): Uint8Array =>
      net(
        [
          conv('x', 'c', ['w1', 'b1'], pads),
          makeNode('Reshape', ['c', 'k'], ['f']),
          makeNode('MatMul', ['f', 'm8'], ['y']),
        ],
        [w1, b1, randomWeight('m8', [8, 3], 4), int64Tensor('k', [2], [-1n, 8n])],
        [{ name: 'x', dims }],
        rows,
      );
    await expect(apply(pixels(['N', 4, 'H', 'W']), {}, [4, 1, 1])).rejects.toEqual(
      expect.objectContaining({ code: 'pass.not-applicable' }),
    );
    expect((await apply(pixels(['N', 4, 1, 1]), {}, [4, 1, 1])).notes).toEqual([
      expect.stringContaining('1 pair equalized'),
    ]);
  });
});
