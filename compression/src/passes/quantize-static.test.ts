import { afterAll, describe, expect, it } from '@jest/globals';
import { type Graph, linksOf, readGraph } from '../graph.js';
import { createHost } from '../host.js';
import { makeNode, type Node, type Tensor } from '../node.js';
import type { PassParameters } from '../pass.js';
import { DataType, float32Tensor } from '../tensor.js';
import { applyPass } from '../testing/apply-pass.js';
import { modelOf, randomPack, randomWeight, residualNet, type ValueSpec } from '../testing/models.js';
import { optimize } from './optimize.js';
import { quantizeStatic } from './quantize-static.js';

const host = createHost();
afterAll(() => host.close());

const apply = (bytes: Uint8Array, dims: readonly number[], given: PassParameters = {}) =>
  applyPass(quantizeStatic, bytes, given, { host, calibration: randomPack(16, dims) });
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
    const folded = (await applyPass(optimize, residualNet(), {}, { host })).bytes;
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
    expect((await apply(bytes, [8, 6, 6], { 'exclude-types': ['Tanh'] })).notes).toEqual([
      'exclude-types: it has no Tanh',
    ]);
    await expect(apply(bytes, [8, 6, 6], { 'exclude-types': ['Conv'] })).rejects.toEqual(
      expect.objectContaining({ code: 'pass.not-applicable' }),
    );
  });

  it.each([
    ['exclude-first', 'conv a'],
    ['exclude-last', 'conv y'],
  ] as const)('leaves a layer float with %s, and says which', async (parameter, name) => {
    const bytes = net([conv('a'), conv('b', 'a'), conv('y', 'b')], [w]);
    const { bytes: small, notes } = await apply(bytes, [8, 6, 6], { [parameter]: true });
    expect(notes).toEqual([expect.stringContaining(name)]);
    expect(await fused(small)).toMatchObject({ QLinearConv: 2, Conv: 1 });
  });

  it('goes by a first output where a node has no name, and refuses a name nobody has', async () => {
    const nameless = makeNode('Conv', ['a', 'w'], ['y'], { pads: [1n, 1n, 1n, 1n] });
    const bytes = net([conv('a'), nameless], [w]);
    expect(await fused((await apply(bytes, [8, 6, 6], { 'exclude-nodes': ['y'] })).bytes)).toMatchObject({
      QLinearConv: 1,
      Conv: 1,
    });
    await expect(apply(bytes, [8, 6, 6], { 'exclude-nodes': ['y', 'conv z'] })).rejects.toEqual(
      expect.objectContaining({ code: 'pass.not-applicable', details: expect.objectContaining({ node: 'conv z' }) }),
    );
  });

  it('clips long tails where that has the least squared error', async () => {
    // Weights that 8 bits hold exactly: all error is the activations'.
    const eye = float32Tensor(
      'w',
      [8, 8, 1, 1],
      Float32Array.from({ length: 64 }, (_, i) => (i % 9 === 0 ? 1 : 0)),
    );
    const bytes = net([makeNode('Conv', ['x', 'w'], ['y'])], [eye]);
    const tailed = (seed: number) => {
      const pack = randomPack(64, [8, 6, 6], seed);
      const values = new Float32Array(pack.inputs[0]!.data.buffer as ArrayBuffer);
      values.forEach((v, i) => {
        values[i] = Math.sign(v) * Math.log(1 - Math.abs(v)) ** 2;
      });
      return pack;
    };
    const errorOf = async (given: PassParameters): Promise<number> => {
      const small = await applyPass(quantizeStatic, bytes, given, { host, calibration: tailed(1) });
      const pack = tailed(5);
      const [before, after] = [(await host.outputs(bytes, pack)).data, (await host.outputs(small.bytes, pack)).data];
      return before.reduce((sum, v, i) => sum + (v - after[i]!) ** 2, 0);
    };
    expect(await errorOf({ calibration: 'mse' })).toBeLessThan(0.97 * (await errorOf({ calibration: 'minmax' })));
  });

  it('fuses convolutions whose bias stays float, and keeps that of a Gemm in integers', async () => {
    const nodes = [
      makeNode('Conv', ['x', 'w', 'b'], ['c'], { pads: [1n, 1n, 1n, 1n] }),
      makeNode('Relu', ['c'], ['r']),
      makeNode('Flatten', ['r'], ['f']),
      makeNode('Gemm', ['f', 'v', 'k'], ['y']),
    ];
    const weights = [w, randomWeight('b', [8], 3), randomWeight('v', [288, 10], 4), randomWeight('k', [10], 5)];
    const bytes = net(nodes, weights, image, vector);
    const [float, integer] = [
      await apply(bytes, [8, 6, 6], { bias: 'float' }),
      await apply(bytes, [8, 6, 6], { bias: 'int32' }),
    ];
    const biases = ({ graph }: { graph: Graph }) =>
      graph.body.initializer.filter((t) => t.dataType === DataType.INT32).map((t) => t.dims.map(Number));
    expect(biases(float)).toEqual([[10]]);
    expect(biases(integer)).toEqual([[8], [10]]);
    expect(await fused(float.bytes)).toMatchObject({ QLinearConv: 1, QGemm: 1 });
    expect(float.bytes.length).toBeLessThan(integer.bytes.length);
    expect(await snr(bytes, float.bytes, [8, 6, 6])).toBeGreaterThan(25);
  });

  it('suits its integers to the profile', async () => {
    const bytes = net([conv('a'), makeNode('Relu', ['a'], ['r']), conv('y', 'r')], [w]);
    const seen = async (given: PassParameters) => {
      const { graph } = await apply(bytes, [8, 6, 6], given);
      const activations = linksOf(graph).constants.get(
        graph.body.node.find((n) => n.opType === 'QuantizeLinear')!.input[2]!,
      )!;
      const weight = graph.body.initializer.find((t) => t.dataType === DataType.INT8 && t.dims.length === 4)!;
      const peak = new Int8Array(weight.rawData.slice().buffer).reduce((m, v) => Math.max(m, Math.abs(v)), 0);
      return [activations.dataType, peak];
    };
    expect(await seen({})).toEqual([DataType.UINT8, 127]);
    expect(await seen({ profile: 'arm64' })).toEqual([DataType.INT8, 127]);
    expect(await seen({ profile: 'portable' })).toEqual([DataType.UINT8, 63]);
    expect(await seen({ profile: 'arm64', activations: 'uint8' })).toEqual([DataType.UINT8, 127]);
  });

  it('stores a weight of two readers once, and the same bytes every time', async () => {
    const bytes = net([conv('a'), conv('y', 'a')], [w]);
    const [{ graph, bytes: first }, { bytes: second }] = [await apply(bytes, [8, 6, 6]), await apply(bytes, [8, 6, 6])];
    expect(graph.body.initializer.filter((t) => t.dims.length === 4)).toHaveLength(1);
    expect(await fused(first)).toMatchObject({ QLinearConv: 2 });
    expect(Buffer.compare(first, second)).toBe(0);
  });

  it('refuses ranges that are no numbers, by the tensor', async () => {
    const bytes = net([makeNode('Log', ['x'], ['l']), conv('y', 'l')], [w]);
    for (const calibration of ['minmax', 'percentile', 'mse'])
      await expect(apply(bytes, [8, 6, 6], { calibration })).rejects.toEqual(
        expect.objectContaining({ code: 'pass.not-applicable', details: expect.objectContaining({ node: 'l' }) }),
      );
  });

  it('refuses what has nothing to quantize, by name', async () => {
    const bytes = net([makeNode('Relu', ['x'], ['y'], {}, { name: 'only' })], []);
    await expect(apply(bytes, [8, 6, 6])).rejects.toEqual(
      expect.objectContaining({ code: 'pass.not-applicable', details: expect.objectContaining({ node: 'only' }) }),
    );
  });

  it('needs calibration data', async () => {
    await expect(applyPass(quantizeStatic, net([conv('y')], [w]), {}, { host })).rejects.toEqual(
      expect.objectContaining({ code: 'data.missing' }),
    );
  });
});
