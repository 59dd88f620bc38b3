import { create } from '@bufbuild/protobuf';
import { afterAll, describe, expect, it } from '@jest/globals';
import { AttributeProto_AttributeType, AttributeProtoSchema, GraphProtoSchema, ValueInfoProtoSchema } from 'onnx-buf';
import { readGraph } from '../graph.js';
import { createHost } from '../host.js';
import { makeNode, type Node, type Tensor } from '../node.js';
import type { PassParameters } from '../pass.js';
import { DataType, int64Tensor, uint8Tensor } from '../tensor.js';
import { applyPass } from '../testing/apply-pass.js';
import { modelOf, randomPack, randomWeight, type ValueSpec } from '../testing/models.js';
import { quantizeDynamic } from './quantize-dynamic.js';

const host = createHost();
afterAll(() => host.close());

const apply = (bytes: Uint8Array, given: PassParameters = {}) => applyPass(quantizeDynamic, bytes, given, { host });
const vector: ValueSpec[] = [{ name: 'x', dims: ['N', 48] }];
const result: ValueSpec[] = [{ name: 'y', dims: ['N', 'K'] }];
const net = (nodes: Node[], initializers: Tensor[], inputs = vector, outputs = result, opset = 13): Uint8Array =>
  modelOf({ nodes, initializers, inputs, outputs, opset });
/** What the runtime makes of a model: how many nodes of each type it will run. */
async function fused(bytes: Uint8Array): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { opType } of readGraph(await host.optimize(bytes, { level: 'extended' })).body.node)
    counts[opType] = (counts[opType] ?? 0) + 1;
  return counts;
}
/** Signal-to-noise ratio of the first output in dB. */
async function snr(a: Uint8Array, b: Uint8Array, dims: readonly number[]): Promise<number> {
  const pack = randomPack(16, dims, 5);
  const [before, after] = [(await host.outputs(a, pack)).data, (await host.outputs(b, pack)).data];
  const noise = before.reduce((sum, v, i) => sum + (v - after[i]!) ** 2, 0);
  return 10 * Math.log10(before.reduce((sum, v) => sum + v * v, 0) / noise);
}
const refusal = (node: string) =>
  expect.objectContaining({ code: 'pass.not-applicable', details: expect.objectContaining({ node }) });

const v = randomWeight('v', [48, 40], 1);
const turned = randomWeight('v', [40, 48], 1);
const bias = randomWeight('b', [40], 2);
const matMul = makeNode('MatMul', ['x', 'v'], ['y'], {}, { name: 'product' });

describe('quantize-dynamic', () => {
  it.each([
    ['MatMul', net([matMul], [v]), [48]],
    [
      'MatMul and Add',
      net([makeNode('MatMul', ['x', 'v'], ['m']), makeNode('Add', ['m', 'b'], ['y'])], [v, bias]),
      [48],
    ],
    [
      'MatMul of a sequence',
      net([matMul], [v], [{ name: 'x', dims: ['N', 7, 48] }], [{ name: 'y', dims: ['N', 7, 40] }]),
      [7, 48],
    ],
    ['Gemm', net([makeNode('Gemm', ['x', 'v', 'b'], ['y'])], [v, bias]), [48]],
    ['Gemm transB', net([makeNode('Gemm', ['x', 'v', 'b'], ['y'], { transB: 1 })], [turned, bias]), [48]],
    ['Gemm, opset 9', net([makeNode('Gemm', ['x', 'v', 'b'], ['y'])], [v, bias], vector, result, 9), [48]],
    ['MatMul, opset 21', net([matMul], [v], vector, result, 21), [48]],
  ])('makes one integer kernel of %s', async (_title, bytes, dims) => {
    const small = await apply(bytes);
    expect(await fused(small.bytes)).toEqual({ DynamicQuantizeMatMul: 1 });
    expect(await snr(bytes, small.bytes, dims)).toBeGreaterThan(35);
    expect(small.bytes.length).toBeLessThan(bytes.length * 0.4);
    expect(Buffer.compare(small.bytes, (await apply(bytes)).bytes)).toBe(0);
  });

  it('rounds an activation of several readers once', async () => {
    const bytes = net(
      [
        makeNode('MatMul', ['x', 'v'], ['a']),
        makeNode('MatMul', ['x', 'u'], ['b']),
        makeNode('Add', ['a', 'b'], ['y']),
      ],
      [v, randomWeight('u', [48, 40], 3)],
    );
    const small = await apply(bytes);
    expect(await fused(small.bytes)).toEqual({ DynamicQuantizeLinear: 1, MatMulIntegerToFloat: 2, Add: 1 });
  });

  it('takes one scale for all, and 7-bit weights', async () => {
    const bytes = net([matMul], [v]);
    const { graph, bytes: small } = await apply(bytes, { 'per-channel': false, 'reduce-range': true });
    const weight = graph.body.initializer.find((t) => t.dims.length === 2)!;
    const peak = new Int8Array(weight.rawData.slice().buffer).reduce((m, q) => Math.max(m, Math.abs(q)), 0);
    expect(peak).toBe(63);
    expect(graph.body.initializer.filter((t) => t.dims.length === 0)).toHaveLength(2);
    expect(await snr(bytes, small, [48])).toBeGreaterThan(28);
  });

  it('keeps a bias made at run time, and a weight in a Constant node', async () => {
    const bytes = net(
      [
        makeNode('Constant', [], ['v'], { value: v }),
        makeNode('ReduceMean', ['x'], ['mean'], { axes: [1n] }),
        makeNode('Gemm', ['x', 'v', 'mean'], ['y']),
      ],
      [],
    );
    const small = await apply(bytes);
    expect(small.bytes.length).toBeLessThan(bytes.length * 0.5);
    expect(await snr(bytes, small.bytes, [48])).toBeGreaterThan(30);
  });

  it('reaches the branches of an If, and a weight of the main graph read there', async () => {
    const branch = (name: string, weight: string, own: Tensor[]) =>
      create(GraphProtoSchema, {
        name,
        node: [makeNode('MatMul', ['x', weight], [name])],
        initializer: own,
        output: [create(ValueInfoProtoSchema, { name })],
      });
    const node = makeNode('If', ['c'], ['y']);
    for (const [name, graph] of [
      ['then_branch', branch('a', 'v', [])],
      ['else_branch', branch('b', 'u', [randomWeight('u', [48, 40], 4)])],
    ] as const)
      node.attribute.push(create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.GRAPH, g: graph }));
    const condition = uint8Tensor('c', [], Uint8Array.of(1));
    condition.dataType = DataType.BOOL;
    const bytes = net([node], [condition, v]);
    const small = await apply(bytes);
    expect(small.bytes.length).toBeLessThan(bytes.length * 0.4);
    expect(await snr(bytes, small.bytes, [48])).toBeGreaterThan(35);
  });

  it('leaves what others read as floats, and what it is told to, and says so', async () => {
    const read = net(
      [
        makeNode('MatMul', ['x', 'v'], ['a'], {}, { name: 'shared' }),
        makeNode('MatMul', ['x', 'u'], ['b'], {}, { name: 'own' }),
        makeNode('Mul', ['a', 'b'], ['p']),
        makeNode('Transpose', ['v'], ['t'], {}, { name: 'turn' }),
        makeNode('MatMul', ['p', 't'], ['y'], {}, { name: 'computed' }),
      ],
      [v, randomWeight('u', [48, 40], 3)],
    );
    const { notes, graph } = await apply(read);
    expect(notes).toEqual([
      expect.stringMatching(/computed \(MatMul.*run time.*shared \(MatMul.*turn reads its weight/),
    ]);
    expect(graph.body.node.filter((n) => n.opType === 'MatMulInteger').map((n) => n.name)).toEqual(['own']);
    await expect(apply(net([matMul], [v]), { 'exclude-nodes': ['product'] })).rejects.toEqual(refusal('product'));
    await expect(apply(net([matMul], [v]), { 'exclude-nodes': ['nobody'] })).rejects.toEqual(refusal('nobody'));
  });

  it.each([
    ['forward', 1, true],
    ['bidirectional', 2, true],
    ['bidirectional', 2, false],
  ] as const)(
    'computes a %s LSTM on integers (%i directions, per channel: %s)',
    async (direction, count, perChannel) => {
      const hidden = 24;
      const bytes = net(
        [
          makeNode('Transpose', ['x'], ['t'], { perm: [1n, 0n, 2n] }),
          makeNode('LSTM', ['t', 'w', 'r', 'b'], ['', 'h'], { hidden_size: hidden, direction }, { name: 'cell' }),
          makeNode('Transpose', ['h'], ['u'], { perm: [1n, 0n, 2n] }),
          makeNode('Flatten', ['u'], ['y']),
        ],
        [
          randomWeight('w', [count, 4 * hidden, 16], 1, 0.3),
          randomWeight('r', [count, 4 * hidden, hidden], 2, 0.3),
          randomWeight('b', [count, 8 * hidden], 3, 0.3),
        ],
        [{ name: 'x', dims: ['N', 5, 16] }],
      );
      const small = await apply(bytes, { 'per-channel': perChannel });
      expect(await fused(small.bytes)).toMatchObject({ DynamicQuantizeLSTM: 1 });
      expect(small.bytes.length).toBeLessThan(bytes.length * 0.45);
      expect(await snr(bytes, small.bytes, [5, 16])).toBeGreaterThan(30);
    },
  );

  it('stores the weights of two LSTMs that share them once', async () => {
    const lstm = (input: string, output: string) =>
      makeNode('LSTM', [input, 'w', 'r'], ['', output], { hidden_size: 24 }, { name: output });
    const bytes = net(
      [
        makeNode('Unsqueeze', ['x', 'k'], ['t']),
        lstm('t', 'a'),
        makeNode('Relu', ['t'], ['s']),
        lstm('s', 'b'),
        makeNode('Add', ['a', 'b'], ['c']),
        makeNode('Squeeze', ['c', 'k'], ['y']),
      ],
      [randomWeight('w', [1, 96, 48], 1), randomWeight('r', [1, 96, 24], 2), int64Tensor('k', [1], [0n])],
    );
    const { graph, bytes: small } = await apply(bytes);
    expect(graph.body.initializer.filter((t) => t.dims.length === 3)).toHaveLength(2);
    expect(await snr(bytes, small, [48])).toBeGreaterThan(30);
  });

  it('leaves a GRU float, which has no integer form', async () => {
    const bytes = net(
      [
        makeNode('Unsqueeze', ['x', 'k'], ['t']),
        makeNode('GRU', ['t', 'w', 'r'], ['', 'h'], { hidden_size: 24 }, { name: 'gate' }),
        makeNode('Squeeze', ['h', 'k'], ['y']),
      ],
      [randomWeight('w', [1, 72, 48], 1), randomWeight('r', [1, 72, 24], 2), int64Tensor('k', [1], [0n])],
    );
    await expect(apply(bytes)).rejects.toEqual(refusal('gate'));
  });

  it('refuses a model of convolutions, by name', async () => {
    const image: ValueSpec[] = [{ name: 'x', dims: ['N', 8, 6, 6] }];
    const bytes = net(
      [makeNode('Conv', ['x', 'w'], ['y'], {}, { name: 'only' })],
      [randomWeight('w', [8, 8, 3, 3], 1)],
      image,
      [{ name: 'y', dims: ['N', 8, 4, 4] }],
    );
    await expect(apply(bytes)).rejects.toEqual(refusal('only'));
  });
});
