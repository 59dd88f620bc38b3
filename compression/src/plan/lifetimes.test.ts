import { create } from '@bufbuild/protobuf';
import { afterAll, describe, expect, it } from '@jest/globals';
import { AttributeProto_AttributeType, AttributeProtoSchema } from 'onnx-buf';
import { applyRecipe } from '../apply.js';
import { type Graph, readGraph } from '../graph.js';
import { createHost } from '../host.js';
import type { TensorShape } from '../host-messages.js';
import { makeNode } from '../node.js';
import { resolveRecipe } from '../recipe.js';
import { DataType, float32Tensor, int8Tensor } from '../tensor.js';
import { example, type ModelSpec, modelOf, randomPack, residualNet } from '../testing/models.js';
import { activationNames, type GraphLifetimes, lifetimesOf } from './lifetimes.js';
import { type MemoryPlan, planMemory } from './memory.js';

const host = createHost();
afterAll(() => host.close());

const shapesOf = (graph: Graph, bytes: Uint8Array, dims: Record<string, number[]>): Promise<TensorShape[]> =>
  host.shapes(bytes, activationNames(graph), { dims });

async function planned(
  bytes: Uint8Array,
  dims: Record<string, number[]> = {},
): Promise<{ plan: MemoryPlan; lifetimes: GraphLifetimes }> {
  const graph = readGraph(bytes);
  const lifetimes = lifetimesOf(graph, await shapesOf(graph, bytes, dims));
  return { lifetimes, plan: planMemory(lifetimes.tensors, lifetimes) };
}

/** A model of one input `x` [1, 4] and one output `y`, both float. */
const small = (nodes: ModelSpec['nodes'], more: Partial<ModelSpec> = {}): Uint8Array =>
  modelOf({ nodes, inputs: [{ name: 'x', dims: [1, 4] }], outputs: [{ name: 'y', dims: [1, 4] }], ...more });

const lives = ({ tensors }: GraphLifetimes): Record<string, string> =>
  Object.fromEntries(tensors.map((t) => [t.name, `${t.bytes} B, ${t.first} to ${t.last}`]));

describe('lifetimesOf', () => {
  it('begins with the inputs, ends with the outputs, and leaves constants out', async () => {
    const bytes = small(
      [
        makeNode('Constant', [], ['c'], { value: float32Tensor('', [4], new Float32Array(4)) }),
        makeNode('Neg', ['c'], ['negative']),
        makeNode('Softmax', ['x'], ['s']),
        makeNode('Mul', ['s', 'negative'], ['m']),
        makeNode('Softmax', ['m'], ['y']),
      ],
      { outputs: ['y', 's'].map((name) => ({ name, dims: [1, 4] })) },
    );
    const { lifetimes, plan } = await planned(bytes);
    expect(lives(lifetimes)).toEqual({ x: '16 B, 0 to 3', s: '16 B, 3 to 6', m: '16 B, 4 to 5', y: '16 B, 5 to 6' });
    expect([...lifetimes.stepOf].map(([node, step]) => `${node.opType} ${step}`)).toEqual([
      'Softmax 3',
      'Mul 4',
      'Softmax 5',
    ]);
    expect(plan).toMatchObject({ arenaBytes: 48, lowerBound: 48 });
  });

  it('writes element-wise results over an input that dies there, and over no other', async () => {
    const dies = await planned(small([makeNode('Relu', ['x'], ['r']), makeNode('Add', ['r', 'r'], ['y'])]));
    expect(dies.plan.arenaBytes).toBe(16);
    const lives = await planned(small([makeNode('Relu', ['x'], ['r']), makeNode('Add', ['r', 'x'], ['y'])]));
    expect(lives.plan.arenaBytes).toBe(32);
    // [4, 1] + [1, 4]: neither has the output's shape.
    const spreads = modelOf({
      nodes: [makeNode('Add', ['a', 'b'], ['y'])],
      inputs: [
        { name: 'a', dims: [4, 1] },
        { name: 'b', dims: [1, 4] },
      ],
      outputs: [{ name: 'y', dims: [4, 4] }],
    });
    expect((await planned(spreads)).plan.arenaBytes).toBe(16 + 16 + 64);
  });

  it('reads no tensor under one shape while it is overwritten under another', async () => {
    // [4, 1] + its transposed view [1, 4] would need x after its place is written; [1, 4] + [1, 1, 4] of a view has two shapes.
    const twisted = modelOf({
      nodes: [
        makeNode('Relu', ['x'], ['r']),
        makeNode('Unsqueeze', ['r'], ['u'], { axes: [0n] }),
        makeNode('Add', ['r', 'u'], ['y']),
      ],
      inputs: [{ name: 'x', dims: [4, 4] }],
      outputs: [{ name: 'y', dims: [1, 4, 4] }],
      opset: 11,
    });
    expect((await planned(twisted)).plan.arenaBytes).toBe(128);
  });

  it('takes views for one tensor that lives as long as either', async () => {
    const bytes = small([
      makeNode('Softmax', ['x'], ['s']),
      makeNode('Identity', ['s'], ['i']),
      makeNode('Softmax', ['s'], ['t']),
      makeNode('Add', ['i', 't'], ['y']),
    ]);
    const { lifetimes, plan } = await planned(bytes);
    expect(lives(lifetimes)).toEqual({ x: '16 B, 0 to 1', s: '16 B, 1 to 4', t: '16 B, 3 to 4', y: '16 B, 4 to 5' });
    expect(lifetimes.storageOf).toEqual(new Map([['i', 's']]));
    expect(plan.arenaBytes).toBe(32);
  });

  it('keeps what a sub-graph reads until its node has run, and says what it hides', async () => {
    const branch = (name: string, op: string) =>
      create(AttributeProtoSchema, {
        name,
        type: AttributeProto_AttributeType.GRAPH,
        g: readGraph(modelOf({ nodes: [makeNode(op, ['s'], [op])], inputs: [], outputs: [{ name: op, dims: [1, 4] }] }))
          .body,
      });
    const choice = makeNode('If', ['c'], ['b2'], {}, { name: 'choice' });
    choice.attribute = [branch('then_branch', 'Relu'), branch('else_branch', 'Neg')];
    const bytes = small(
      [
        makeNode('Softmax', ['x'], ['s']),
        makeNode('Softmax', ['x'], ['t']),
        choice,
        makeNode('Add', ['b2', 't'], ['y']),
      ],
      {
        inputs: [
          { name: 'x', dims: [1, 4] },
          { name: 'c', dims: [], type: DataType.BOOL },
        ],
      },
    );
    const { lifetimes } = await planned(bytes);
    expect(lives(lifetimes)).toMatchObject({ s: '16 B, 1 to 3', c: '1 B, 0 to 3', b2: '16 B, 3 to 4' });
    expect([...lifetimes.hiding].map((node) => node.name)).toEqual(['choice']);
  });

  it('names tensors whose size is not known', () => {
    const graph = readGraph(small([makeNode('Softmax', ['x'], ['s']), makeNode('Softmax', ['s'], ['y'])]));
    const { unsized, tensors } = lifetimesOf(graph, [
      { tensor: 'x', type: 'float32', dims: [1, 4] },
      { tensor: 'y', type: 'string', dims: [1, 4] },
    ]);
    expect([unsized, tensors.map((t) => t.name)]).toEqual([['s', 'y'], ['x']]);
  });

  const quantization = [
    float32Tensor('scale', [], Float32Array.of(0.1)),
    int8Tensor('zero', [], Int8Array.of(0)),
    float32Tensor('w', [4, 4], new Float32Array(16).fill(0.5)),
  ];
  const q = (from: string, to: string) => makeNode('QuantizeLinear', [from, 'scale', 'zero'], [to]);
  const dq = (from: string, to: string) => makeNode('DequantizeLinear', [from, 'scale', 'zero'], [to]);

  it('counts a quantized graph as the integers a device computes on', async () => {
    const bytes = small(
      [
        q('x', 'xq'),
        dq('xq', 'xd'),
        makeNode('MatMul', ['xd', 'w'], ['m']),
        makeNode('Relu', ['m'], ['r']),
        q('r', 'rq'),
        dq('rq', 'rd'),
        makeNode('Add', ['rd', 'xd'], ['a']),
        q('a', 'aq'),
        dq('aq', 'y'),
      ],
      { initializers: quantization },
    );
    const { lifetimes, plan } = await planned(bytes);
    expect(lives(lifetimes)).toEqual({ xq: '4 B, 0 to 7', rq: '4 B, 3 to 7', aq: '4 B, 7 to 10' });
    expect([...lifetimes.stepOf.keys()].map((node) => node.opType)).toEqual(['MatMul', 'Add']);
    expect(plan.lowerBound).toBe(8);
  });

  it('keeps floats where an operator needs them', async () => {
    // Softmax stays float: it is given floats and gives floats. The product sums integers up to a float.
    const bytes = small(
      [
        q('x', 'xq'),
        dq('xq', 'xd'),
        makeNode('Softmax', ['xd'], ['s']),
        makeNode('Add', ['s', 's'], ['t']),
        q('t', 'tq'),
        dq('tq', 'td'),
        makeNode('MatMul', ['td', 'w'], ['y']),
      ],
      { initializers: quantization },
    );
    const { lifetimes } = await planned(bytes);
    expect(lives(lifetimes)).toEqual({
      xq: '4 B, 0 to 2',
      xd: '16 B, 2 to 3',
      s: '16 B, 3 to 4',
      t: '16 B, 4 to 5',
      tq: '4 B, 5 to 7',
      y: '16 B, 7 to 8',
    });
  });

  it('keeps a float that is read before it is quantized', async () => {
    const bytes = small(
      [
        q('x', 'xq'),
        dq('xq', 'xd'),
        makeNode('MatMul', ['xd', 'w'], ['m']),
        q('m', 'mq'),
        dq('mq', 'md'),
        makeNode('Add', ['md', 'm'], ['y']),
      ],
      { initializers: quantization },
    );
    const { lifetimes } = await planned(bytes);
    expect(lives(lifetimes)).toMatchObject({ m: '16 B, 3 to 6', mq: '4 B, 4 to 5', md: '16 B, 5 to 6' });
  });
});

describe('planMemory of whole models', () => {
  it.each([
    ['fashion-resnet', (): Uint8Array => example('models/fashion-resnet.onnx'), [1, 28, 28] as const],
    ['fashion-resnet-micro', (): Uint8Array => example('models/fashion-resnet-micro.onnx'), [1, 28, 28] as const],
    ['a residual net', residualNet, [3, 8, 8] as const],
  ])('%s, float and int8: within 5 %% of what is alive at once', async (_name, model, item) => {
    const bytes = model();
    const input = readGraph(bytes).body.input[0]!.name;
    const dims = { [input]: [1, ...item] };
    const recipe = resolveRecipe({
      name: 'q',
      title: 'Q',
      description: 'Of a test.',
      steps: [{ pass: 'optimize' }, { pass: 'quantize-static' }],
    });
    const int8 = await applyRecipe({ model: bytes, recipe, host, calibration: randomPack(16, [...item]) });
    const float = await planned(bytes, dims);
    const integers = await planned(int8.artifact, dims);
    for (const { plan, lifetimes } of [float, integers]) {
      expect(plan.arenaBytes).toBeLessThanOrEqual(1.05 * plan.lowerBound);
      expect(lifetimes.unsized).toEqual([]);
    }
    // Four bytes become one, and the input is fed as one.
    expect(integers.plan.arenaBytes).toBe(float.plan.arenaBytes / 4);
  });
});
