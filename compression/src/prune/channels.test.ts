import { describe, expect, it } from '@jest/globals';
import { readGraph } from '../graph.js';
import { makeNode, type Node, type Tensor } from '../node.js';
import { int64Tensor } from '../tensor.js';
import { modelOf, randomWeight, residualNet } from '../testing/models.js';
import { mapChannels } from './channels.js';
import { familiesOf } from './rank.js';

const shapesOf = (shapes: Record<string, number[]>) => new Map(Object.entries(shapes));
const graphOf = (nodes: Node[], initializers: Tensor[], outputDims: (number | string)[] = ['N', 'K']) =>
  readGraph(
    modelOf({
      nodes,
      initializers,
      inputs: [{ name: 'x', dims: ['N', 4, 2, 2] }],
      outputs: [{ name: 'y', dims: outputDims }],
    }),
  );
/** Family -> number of its classes, families named by the nodes that make them. */
const families = (graph: ReturnType<typeof graphOf>, shapes: Record<string, number[]>): Record<string, number> => {
  const map = mapChannels(graph, shapesOf({ x: [1, 4, 2, 2], ...shapes }));
  return Object.fromEntries(
    [...familiesOf(map)].map(([key, roots]) => [
      key
        .split('+')
        .map((i) => map.producers[Number(i)]!.node.output[0])
        .join('+'),
      roots.length,
    ]),
  );
};
const conv = (input: string, weight: string, output: string, attributes = {}): Node =>
  makeNode('Conv', [input, weight], [output], attributes);

describe('mapChannels', () => {
  it('follows residual sums, depthwise layers, concatenation and pooling to the head', () => {
    const shapes = {
      x: [1, 3, 8, 8],
      c1: [1, 16, 8, 8],
      n1: [1, 16, 8, 8],
      r1: [1, 16, 8, 8],
      c2: [1, 16, 8, 8],
      n2: [1, 16, 8, 8],
      a: [1, 16, 8, 8],
      r2: [1, 16, 8, 8],
      d: [1, 16, 8, 8],
      r3: [1, 16, 8, 8],
      m: [1, 16, 4, 4],
      p: [1, 24, 4, 4],
      k: [1, 40, 4, 4],
      g: [1, 40, 1, 1],
      f: [1, 40],
      y: [1, 5],
    };
    const graph = readGraph(residualNet());
    expect(families(graph, shapes)).toEqual({ 'c1+c2': 16, p: 24 });
    const map = mapChannels(graph, shapesOf(shapes));
    const head = map.consumers.at(-1)!;
    expect([...head.channels].map((c) => map.root(c))).toEqual(
      [...map.channels.get('p')!, ...map.channels.get('m')!].map((c) => map.root(c)),
    );
  });

  it('makes runs of features of the channels that a Flatten or Reshape unrolls', () => {
    const weights = [
      randomWeight('w', [6, 4, 1, 1], 1),
      randomWeight('v', [24, 3], 2),
      int64Tensor('s', [2], [0n, 24n]),
    ];
    for (const flat of [makeNode('Flatten', ['c'], ['f']), makeNode('Reshape', ['c', 's'], ['f'])]) {
      const graph = graphOf([conv('x', 'w', 'c'), flat, makeNode('MatMul', ['f', 'v'], ['y'])], weights);
      const map = mapChannels(graph, shapesOf({ x: [1, 4, 2, 2], c: [1, 6, 2, 2], f: [1, 24], y: [1, 3] }));
      expect([...map.channels.get('f')!]).toEqual([...map.channels.get('c')!].flatMap((c) => [c, c, c, c]));
      expect(familiesOf(map).size).toBe(1);
      expect(map.reshapes).toHaveLength(flat.opType === 'Reshape' ? 1 : 0);
    }
  });

  it('locks what reaches an output, an operator that mixes channels, or a grouped convolution', () => {
    const w = randomWeight('w', [4, 4, 1, 1], 1);
    const v = randomWeight('v', [4, 4, 1, 1], 2);
    const same = { c: [1, 4, 2, 2], t: [1, 4, 2, 2], y: [1, 4, 2, 2] };
    expect(families(graphOf([conv('x', 'w', 'y')], [w], ['N', 4, 2, 2]), same)).toEqual({});
    expect(
      families(
        graphOf(
          [conv('x', 'w', 'c'), makeNode('Softmax', ['c'], ['t'], { axis: 1 }), conv('t', 'v', 'y')],
          [w, v],
          ['N', 4, 2, 2],
        ),
        same,
      ),
    ).toEqual({});
    const grouped = randomWeight('g', [4, 2, 1, 1], 3);
    expect(
      families(
        graphOf(
          [conv('x', 'w', 'c'), conv('c', 'g', 't', { group: 2 }), conv('t', 'v', 'y')],
          [w, grouped, v],
          ['N', 4, 2, 2],
        ),
        same,
      ),
    ).toEqual({});
    expect(
      families(
        graphOf([conv('x', 'w', 'c'), makeNode('Add', ['c', 'x'], ['t']), conv('t', 'v', 'y')], [w, v], ['N', 4, 2, 2]),
        same,
      ),
    ).toEqual({});
    expect(
      families(
        graphOf([conv('x', 'w', 'c'), makeNode('Relu', ['c'], ['t']), conv('t', 'v', 'y')], [w, v], ['N', 4, 2, 2]),
        same,
      ),
    ).toEqual({ c: 4 });
  });
});
