import { afterAll, describe, expect, it } from '@jest/globals';
import { type Graph, linksOf, readGraph, writeGraph } from '../graph.js';
import { createHost } from '../host.js';
import { makeNode, type Node, type Tensor } from '../node.js';
import type { PassParameters } from '../pass.js';
import { modelOf, randomPack, randomWeight, residualNet, type ValueSpec } from '../testing/models.js';
import { optimize } from './optimize.js';
import { quantizeStatic } from './quantize-static.js';

const host = createHost();
afterAll(() => host.close());

const defaults = Object.fromEntries(
  Object.entries(quantizeStatic.parameters).map(([name, spec]) => [name, spec.default]),
);

async function apply(bytes: Uint8Array, dims: readonly number[], given: PassParameters = {}) {
  const notes: string[] = [];
  const context = { host, calibration: randomPack(16, dims), report: (note: string) => notes.push(note) };
  const graph = await quantizeStatic.apply(readGraph(bytes), { ...defaults, ...given }, context);
  return { graph, bytes: writeGraph(graph), notes };
}
const types = (graph: Graph): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { opType } of graph.body.node) counts[opType] = (counts[opType] ?? 0) + 1;
  return counts;
};
/** What the runtime makes of a model: how many nodes of each type it will run. */
const fused = async (bytes: Uint8Array): Promise<Record<string, number>> =>
  types(readGraph(await host.optimize(bytes, { level: 'extended' })));

/** Signal-to-noise ratio of the first output in dB. */
async function snr(a: Uint8Array, b: Uint8Array, dims: readonly number[]): Promise<number> {
  const pack = randomPack(16, dims, 5);
  const [before, after] = [(await host.outputs(a, pack)).data, (await host.outputs(b, pack)).data];
  const noise = before.reduce((sum, v, i) => sum + (v - after[i]!) ** 2, 0);
  return 10 * Math.log10(before.reduce((sum, v) => sum + v * v, 0) / noise);
}

const image: ValueSpec[] = [{ name: 'x', dims: ['N', 8, 6, 6] }];
const any: ValueSpec[] = [{ name: 'y', dims: ['N', 'C', 'H', 'W'] }];
const net = (nodes: Node[], initializers: Tensor[], inputs = image, outputs = any, opset = 13): Uint8Array =>
  modelOf({ nodes, initializers, inputs, outputs, opset });
const conv = (output: string, input = 'x', weight = 'w'): Node =>
  makeNode('Conv', [input, weight], [output], { pads: [1n, 1n, 1n, 1n] }, { name: `conv ${output}` });
const w = randomWeight('w', [8, 8, 3, 3], 2);
const flat: ValueSpec[] = [{ name: 'x', dims: ['N', 32] }];
const vector: ValueSpec[] = [{ name: 'y', dims: ['N', 'K'] }];

describe('quantize-static', () => {
  it.each([
    ['Conv', net([conv('y')], [w]), [8, 6, 6], 'QLinearConv'],
    ['Conv, Relu', net([conv('c'), makeNode('Relu', ['c'], ['y'])], [w]), [8, 6, 6], 'QLinearConv'],
    [
      'Conv, opset 9',
      net([conv('c'), makeNode('Clip', ['c'], ['y'], { min: { float: 0 }, max: { float: 1 } })], [w], image, any, 9),
      [8, 6, 6],
      'QLinearConv',
    ],
    [
      'Gemm',
      net(
        [makeNode('Gemm', ['x', 'v', 'b'], ['y'])],
        [randomWeight('v', [32, 12], 1), randomWeight('b', [12], 2)],
        flat,
        vector,
      ),
      [32],
      'QGemm',
    ],
    [
      'Gemm transB',
      net([makeNode('Gemm', ['x', 'v'], ['y'], { transB: 1 })], [randomWeight('v', [12, 32], 1)], flat, vector),
      [32],
      'QGemm',
    ],
    [
      'MatMul',
      net([makeNode('MatMul', ['x', 'v'], ['y'])], [randomWeight('v', [32, 12], 1)], flat, vector),
      [32],
      'MatMulIntegerToFloat',
    ],
    [
      'Add of two branches',
      net(
        [conv('a'), conv('b', 'x', 'v'), makeNode('Add', ['a', 'b'], ['s']), conv('y', 's')],
        [w, randomWeight('v', [8, 8, 3, 3], 9)],
      ),
      [8, 6, 6],
      'QLinearAdd',
    ],
    [
      'Mul by a constant',
      net([conv('a'), makeNode('Mul', ['a', 'k'], ['m']), conv('y', 'm')], [w, randomWeight('k', [8, 1, 1], 9)]),
      [8, 6, 6],
      'QLinearMul',
    ],
    [
      'Concat',
      net(
        [conv('a'), conv('b', 'a'), makeNode('Concat', ['a', 'b'], ['k'], { axis: 1 }), conv('y', 'k', 'v')],
        [w, randomWeight('v', [4, 16, 3, 3], 9)],
      ),
      [8, 6, 6],
      'QLinearConcat',
    ],
    [
      'AveragePool',
      net([conv('a'), makeNode('AveragePool', ['a'], ['p'], { kernel_shape: [2n, 2n] }), conv('y', 'p')], [w]),
      [8, 6, 6],
      'QLinearAveragePool',
    ],
  ] as const)('makes one integer kernel of %s', async (_title, bytes, dims, kernel) => {
    const small = await apply(bytes, dims);
    const seen = await fused(small.bytes);
    expect(seen).toHaveProperty(kernel);
    expect(['Conv', 'Gemm', 'MatMul', 'Relu', 'Clip', 'FusedConv'].filter((type) => type in seen)).toEqual([]);
    expect(await snr(bytes, small.bytes, dims)).toBeGreaterThan(25);
  });

  it('moves integers through what only moves values', async () => {
    const nodes = [
      conv('a'),
      makeNode('MaxPool', ['a'], ['m'], { kernel_shape: [2n, 2n], strides: [2n, 2n] }),
      makeNode('Transpose', ['m'], ['t'], { perm: [0n, 1n, 3n, 2n] }),
      makeNode('Flatten', ['t'], ['f']),
      makeNode('Gemm', ['f', 'v'], ['y']),
    ];
    const { bytes } = await apply(net(nodes, [w, randomWeight('v', [72, 10], 4)], image, vector), [8, 6, 6]);
    const seen = await fused(bytes);
    expect(seen).toMatchObject({ QuantizeLinear: 1, QLinearConv: 1, QGemm: 1 });
    expect(seen.DequantizeLinear ?? 0).toBe(0);
  });

  it('leaves no convolution float in a residual net with depthwise layers', async () => {
    const folded = writeGraph(await optimize.apply(readGraph(residualNet()), {}, { host, report: () => undefined }));
    const { bytes, notes } = await apply(folded, [3, 8, 8]);
    expect(await fused(bytes)).toMatchObject({
      QLinearConv: 4,
      QLinearAdd: 1,
      QLinearConcat: 1,
      QLinearGlobalAveragePool: 1,
      QGemm: 1,
      QuantizeLinear: 1,
    });
    expect(notes).toEqual([]);
    expect(await snr(folded, bytes, [3, 8, 8])).toBeGreaterThan(20);
  });

  it('routes every reader through the integers and keeps the output under its name', async () => {
    const bytes = net(
      [
        conv('a'),
        makeNode('Relu', ['a'], ['r']),
        conv('b', 'r'),
        makeNode('HardSigmoid', ['r'], ['h']),
        makeNode('Mul', ['b', 'h'], ['y']),
      ],
      [w],
      image,
      [...any, { name: 'b', dims: ['N', 8, 6, 6] }],
    );
    const { graph, bytes: small } = await apply(bytes, [8, 6, 6]);
    const links = linksOf(graph);
    const float = graph.body.node.find((n) => n.opType === 'HardSigmoid')!;
    expect(links.producer.get(float.input[0]!)?.opType).toBe('DequantizeLinear');
    expect(links.producer.get('b')?.opType).toBe('DequantizeLinear');
    expect(await fused(small)).toMatchObject({ QLinearConv: 2 });
  });

  it('takes int8 activations, per-tensor weights, 7-bit weights and percentiles', async () => {
    const bytes = net([conv('a'), makeNode('Relu', ['a'], ['r']), conv('y', 'r')], [w]);
    const loose = {
      activations: 'int8',
      'per-channel': false,
      'reduce-range': true,
      calibration: 'percentile',
      percentile: 99.9,
    };
    const { graph, bytes: small } = await apply(bytes, [8, 6, 6], loose);
    const weights = graph.body.initializer.filter((t) => t.dataType === 3 && t.dims.length === 4);
    expect(weights.every((t) => new Int8Array(t.rawData.slice().buffer).every((v) => Math.abs(v) <= 63))).toBe(true);
    expect(await snr(bytes, small, [8, 6, 6])).toBeGreaterThan(20);
  });

  it('leaves out what it is told to, by name and type, and says so', async () => {
    const bytes = net([conv('a'), conv('y', 'a')], [w]);
    const { graph, notes } = await apply(bytes, [8, 6, 6], { 'exclude-nodes': ['conv a'] });
    expect(notes).toEqual([expect.stringContaining('conv a')]);
    expect(graph.body.initializer.filter((t) => t.dataType === 3 && t.dims.length === 4)).toHaveLength(1);
    await expect(apply(bytes, [8, 6, 6], { 'exclude-types': ['Conv'] })).rejects.toEqual(
      expect.objectContaining({ code: 'pass.not-applicable' }),
    );
  });

  it('refuses what has nothing to quantize, by name', async () => {
    const bytes = net([makeNode('Relu', ['x'], ['y'], {}, { name: 'only' })], []);
    await expect(apply(bytes, [8, 6, 6])).rejects.toEqual(
      expect.objectContaining({ code: 'pass.not-applicable', details: expect.objectContaining({ node: 'only' }) }),
    );
  });

  it('needs calibration data', async () => {
    await expect(
      quantizeStatic.apply(readGraph(net([conv('y')], [w])), defaults, { host, report: () => undefined }),
    ).rejects.toEqual(expect.objectContaining({ code: 'data.missing' }));
  });
});
