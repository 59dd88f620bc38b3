import { afterAll, describe, expect, it } from '@jest/globals';
import { readGraph, writeGraph } from './graph.js';
import { createHost } from './host.js';
import { makeNode, type Node, nodeName, type Tensor } from './node.js';
import { raiseOpset } from './opset.js';
import { float32Tensor, int64Tensor } from './tensor.js';
import { modelOf, randomPack } from './testing/models.js';

const host = createHost();
afterAll(() => host.close());

/** A one-node model [N,2,3,4] -> anything, of an old operator set. */
const model = (node: Node, opset: number, initializers: Tensor[] = []): Uint8Array =>
  modelOf({
    nodes: [node],
    inputs: [{ name: 'x', dims: ['N', 2, 3, 4] }],
    outputs: [{ name: 'y', dims: ['a', 'b', 'c', 'd'].slice(0, node.opType === 'Squeeze' ? 3 : 4) }],
    opset,
    initializers,
  });

const cases: [string, Uint8Array][] = [
  [
    'Slice 9 to INT64_MAX',
    model(makeNode('Slice', ['x'], ['y'], { axes: [2n], starts: [1n], ends: [9223372036854775807n] }), 9),
  ],
  ['Clip 10', model(makeNode('Clip', ['x'], ['y'], { min: { float: -0.25 }, max: { float: 0.5 } }), 10)],
  ['Clip 8 with one bound', model(makeNode('Clip', ['x'], ['y'], { max: { float: 0.1 } }), 8)],
  [
    'Pad 10',
    model(makeNode('Pad', ['x'], ['y'], { pads: [0n, 0n, 1n, 0n, 0n, 0n, 0n, 2n], value: { float: 0.5 } }), 10),
  ],
  ['Squeeze 11', model(makeNode('Squeeze', ['x'], ['y'], { axes: [0n] }), 11)],
  ['ReduceSum 12', model(makeNode('ReduceSum', ['x'], ['y'], { axes: [2n], keepdims: 1 }), 12)],
  ['Split 11', model(makeNode('Split', ['x'], ['y', 'z'], { axis: 3, split: [1n, 3n] }), 11)],
  ['Softmax 9 over two axes', model(makeNode('Softmax', ['x'], ['y'], { axis: 2 }), 9)],
  ['Softmax 12 over the last axis', model(makeNode('Softmax', ['x'], ['y'], { axis: 3 }), 12)],
  ['Dropout 10', model(makeNode('Dropout', ['x'], ['y'], { ratio: { float: 0.5 } }), 10)],
  [
    'BatchNormalization 8',
    model(makeNode('BatchNormalization', ['x', 's', 's', 's', 's'], ['y']), 8, [
      float32Tensor('s', [2], Float32Array.of(0.5, 2)),
    ]),
  ],
  ['Upsample 8', model(makeNode('Upsample', ['x'], ['y'], { mode: 'nearest', scales: [1, 1, 2, 1.5] }), 8)],
  [
    'Upsample 9',
    model(makeNode('Upsample', ['x', 's'], ['y'], { mode: 'nearest' }), 9, [
      float32Tensor('s', [4], Float32Array.of(1, 1, 2, 2)),
    ]),
  ],
  ['TopK 9', model(makeNode('TopK', ['x'], ['y', 'i'], { k: 2, axis: 3 }), 9)],
];

describe('raiseOpset', () => {
  it.each(cases)('keeps what %s gives', async (_title, bytes) => {
    const graph = readGraph(bytes);
    expect(raiseOpset(graph, new Map([['x', 4]]))).toBeUndefined();
    const pack = randomPack(1, [2, 3, 4]);
    expect(graph.model.opsetImport).toMatchObject([{ version: 13n }]);
    expect(await host.outputs(writeGraph(graph), pack)).toEqual(await host.outputs(bytes, pack));
  });

  it('leaves newer models alone', () => {
    const bytes = model(makeNode('Squeeze', ['x', 'k'], ['y']), 13, [int64Tensor('k', [1], [0n])]);
    const graph = readGraph(bytes);
    expect(raiseOpset(graph, new Map())).toBeUndefined();
    expect(Buffer.compare(writeGraph(graph), bytes)).toBe(0);
  });

  it('names the node there is no way for', () => {
    const graph = readGraph(
      model(makeNode('Resize', ['x', 's'], ['y'], { mode: 'cubic' }, { name: 'zoom' }), 10, [
        float32Tensor('s', [4], new Float32Array(4)),
      ]),
    );
    const stuck = raiseOpset(graph, new Map());
    expect(stuck && nodeName(stuck)).toBe('zoom');
  });
});
