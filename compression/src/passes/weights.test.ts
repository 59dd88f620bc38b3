import { create } from '@bufbuild/protobuf';
import { afterAll, describe, expect, it } from '@jest/globals';
import { AttributeProto_AttributeType, AttributeProtoSchema, GraphProtoSchema, ValueInfoProtoSchema } from 'onnx-buf';
import { readGraph } from '../graph.js';
import { createHost } from '../host.js';
import { makeNode, type Node } from '../node.js';
import { parametersOf } from '../parameters.js';
import type { Pass, PassParameters } from '../pass.js';
import { float32Tensor, uint8Tensor } from '../tensor.js';
import { applyPass } from '../testing/apply-pass.js';
import { modelOf, randomPack, randomWeight, residualNet, type ValueSpec } from '../testing/models.js';
import { fp16 } from './fp16.js';
import { quantizeWeights } from './quantize-weights.js';

const host = createHost();
afterAll(() => host.close());

const apply = (pass: Pass, bytes: Uint8Array, given: PassParameters = {}) => applyPass(pass, bytes, given, { host });

/** Largest difference of the first outputs, relative to the largest output. */
async function difference(a: Uint8Array, b: Uint8Array, dims: readonly number[]): Promise<number> {
  const pack = randomPack(4, dims, 77);
  const [before, after] = [(await host.outputs(a, pack)).data, (await host.outputs(b, pack)).data];
  const peak = before.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  return before.reduce((m, v, i) => Math.max(m, Math.abs(v - after[i]!)), 0) / peak;
}

const image: ValueSpec[] = [{ name: 'x', dims: ['N', 8, 6, 6] }];
const any: ValueSpec[] = [{ name: 'y', dims: ['N', 'C', 'H', 'W'] }];
const one = (node: Node, weight: readonly number[], inputs = image, outputs = any, opset = 13): Uint8Array =>
  modelOf({ nodes: [node], inputs, outputs, opset, initializers: [randomWeight('w', weight, 3)] });
const matrix: ValueSpec[] = [{ name: 'x', dims: ['N', 48] }];
const models: [string, Uint8Array, number[]][] = [
  ['Conv', one(makeNode('Conv', ['x', 'w'], ['y']), [16, 8, 3, 3]), [8, 6, 6]],
  ['ConvTranspose', one(makeNode('ConvTranspose', ['x', 'w'], ['y']), [8, 16, 3, 3]), [8, 6, 6]],
  ['Gemm', one(makeNode('Gemm', ['x', 'w'], ['y']), [48, 40], matrix, [{ name: 'y', dims: ['N', 40] }]), [48]],
  [
    'Gemm transB',
    one(makeNode('Gemm', ['x', 'w'], ['y'], { transB: 1 }), [40, 48], matrix, [{ name: 'y', dims: ['N', 40] }]),
    [48],
  ],
  [
    'MatMul, opset 9',
    one(makeNode('MatMul', ['x', 'w'], ['y']), [48, 40], matrix, [{ name: 'y', dims: ['N', 40] }], 9),
    [48],
  ],
  ['a residual net', residualNet(), [3, 8, 8]],
];

describe('fp16', () => {
  it.each(models)('halves %s and keeps its answers', async (_title, bytes, dims) => {
    const small = await apply(fp16, bytes);
    expect(small.bytes.length).toBeLessThan(bytes.length * 0.75);
    expect(await difference(bytes, small.bytes, dims)).toBeLessThan(0.002);
    expect(parametersOf(readGraph(small.bytes))).toBe(parametersOf(readGraph(bytes)));
  });

  it('leaves weights that do not fit and says so', async () => {
    const bytes = modelOf({
      nodes: [makeNode('MatMul', ['x', 'w'], ['y'])],
      inputs: matrix,
      outputs: [{ name: 'y', dims: ['N', 2] }],
      initializers: [float32Tensor('w', [48, 2], new Float32Array(96).fill(1e6))],
    });
    const left = await apply(fp16, bytes);
    expect(left.notes).toEqual([expect.stringContaining('w')]);
    expect(readGraph(left.bytes).body.node).toHaveLength(1);
  });
});

describe('quantize-weights', () => {
  it.each(models)('stores %s in 8 bits', async (_title, bytes, dims) => {
    const small = await apply(quantizeWeights, bytes, { bits: 8 });
    expect(small.bytes.length).toBeLessThan(bytes.length * 0.6);
    expect(await difference(bytes, small.bytes, dims)).toBeLessThan(0.02);
    expect(parametersOf(readGraph(small.bytes))).toBe(parametersOf(readGraph(bytes)));
  });

  it.each(models)('stores %s in 4 bits', async (_title, bytes, dims) => {
    const [eight, four] = [
      await apply(quantizeWeights, bytes, { bits: 8 }),
      await apply(quantizeWeights, bytes, { bits: 4 }),
    ];
    expect(four.bytes.length).toBeLessThan(eight.bytes.length + 400);
    expect(await difference(bytes, four.bytes, dims)).toBeLessThan(0.3);
    expect(parametersOf(readGraph(four.bytes))).toBe(parametersOf(readGraph(bytes)));
  });

  it('is folded when the runtime loads it: nothing is left to unpack', async () => {
    for (const bits of [8, 4]) {
      const { bytes } = await apply(quantizeWeights, models[0]![1], { bits });
      const loaded = readGraph(await host.optimize(bytes, { level: 'basic' }));
      expect(loaded.body.node.map((n) => n.opType)).toEqual(['Conv']);
    }
  });

  it('reaches weights in the branches of an If', async () => {
    const branch = (name: string, seed: number) =>
      create(GraphProtoSchema, {
        name,
        node: [makeNode('MatMul', ['x', `w${seed}`], [name])],
        initializer: [randomWeight(`w${seed}`, [48, 40], seed)],
        output: [create(ValueInfoProtoSchema, { name })],
      });
    const node = makeNode('If', ['c'], ['y']);
    for (const [name, graph] of [
      ['then_branch', branch('a', 1)],
      ['else_branch', branch('b', 2)],
    ] as const) {
      node.attribute.push(create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.GRAPH, g: graph }));
    }
    const condition = uint8Tensor('c', [], Uint8Array.of(1));
    condition.dataType = 9;
    const bytes = modelOf({
      nodes: [node],
      inputs: matrix,
      outputs: [{ name: 'y', dims: ['N', 40] }],
      initializers: [condition],
    });
    for (const form of ['foldable', 'matmul-nbits']) {
      for (const bits of [8, 4]) {
        const small = await apply(quantizeWeights, bytes, { bits, form });
        expect(small.bytes.length).toBeLessThan(bytes.length * 0.4);
        expect(await difference(bytes, small.bytes, [48])).toBeLessThan(bits === 8 ? 0.02 : 0.3);
      }
    }
  });

  it.each([
    ['MatMul', makeNode('MatMul', ['x', 'w'], ['y']), [50, 40]],
    ['Gemm', makeNode('Gemm', ['x', 'w', 'b'], ['y']), [50, 40]],
    ['Gemm transB', makeNode('Gemm', ['x', 'w', 'b'], ['y'], { transB: 1 }), [40, 50]],
  ] as const)('keeps %s in bits as MatMulNBits', async (_title, node, weight) => {
    const bytes = modelOf({
      nodes: [node],
      inputs: [{ name: 'x', dims: ['N', 50] }],
      outputs: [{ name: 'y', dims: ['N', 40] }],
      initializers: [randomWeight('w', weight, 3), randomWeight('b', [40], 4)],
      opset: 11,
    });
    for (const [bits, least] of [
      [8, 0.02],
      [4, 0.3],
    ] as const) {
      for (const blockSize of [0, 16, 64]) {
        const small = await apply(quantizeWeights, bytes, { bits, form: 'matmul-nbits', 'block-size': blockSize });
        const loaded = readGraph(await host.optimize(small.bytes, { level: 'extended' })).body.node.map(
          (n) => n.opType,
        );
        expect(loaded).toContain('MatMulNBits');
        expect(small.bytes.length).toBeLessThan(bytes.length * 0.5);
        expect(await difference(bytes, small.bytes, [50])).toBeLessThan(least);
        expect(small.notes).toContain('1 of them as MatMulNBits');
      }
    }
  });

  it('stores what MatMulNBits cannot stand for in the foldable form, and says when that is all', async () => {
    const small = await apply(quantizeWeights, residualNet(), { bits: 4, form: 'matmul-nbits', 'block-size': 16 });
    const types = small.graph.body.node.map((n) => n.opType);
    expect(types.filter((t) => t === 'MatMulNBits')).toHaveLength(1);
    expect(types).toContain('Split');
    const { notes } = await apply(quantizeWeights, models[0]![1], { form: 'matmul-nbits' });
    expect(notes).toContainEqual(expect.stringContaining('none as MatMulNBits'));
  });

  it('takes a scale for each block of 8-bit weights', async () => {
    const [channels, blocks] = [
      await apply(quantizeWeights, models[0]![1], { bits: 8 }),
      await apply(quantizeWeights, models[0]![1], { bits: 8, 'block-size': 16 }),
    ];
    const loaded = readGraph(await host.optimize(blocks.bytes, { level: 'basic' }));
    expect(loaded.body.node.map((n) => n.opType)).toEqual(['Conv']);
    expect(await difference(models[0]![1], blocks.bytes, [8, 6, 6])).toBeLessThan(
      await difference(models[0]![1], channels.bytes, [8, 6, 6]),
    );
  });

  it.each(['foldable', 'matmul-nbits'])('rounds 4 bits with feedback from calibration data: %s', async (form) => {
    const bytes = residualNet();
    const calibration = randomPack(64, [3, 8, 8], 3);
    const rounded = (feedback: boolean) =>
      applyPass(quantizeWeights, bytes, { bits: 4, form, feedback }, { host, calibration });
    const [plain, fed, again] = [await rounded(false), await rounded(true), await rounded(true)];
    expect(Buffer.compare(fed.bytes, again.bytes)).toBe(0);
    expect(fed.notes).toContainEqual(expect.stringContaining('with feedback'));
    expect(await difference(bytes, fed.bytes, [3, 8, 8])).toBeLessThan(
      0.8 * (await difference(bytes, plain.bytes, [3, 8, 8])),
    );
    await expect(apply(quantizeWeights, bytes, { bits: 4, feedback: true })).rejects.toEqual(
      expect.objectContaining({ code: 'data.missing' }),
    );
  });

  it('needs calibration data for feedback only', () => {
    expect(quantizeWeights.needsCalibration({ bits: 4, feedback: false })).toBe(false);
    expect(quantizeWeights.needsCalibration({ bits: 8, feedback: true })).toBe(false);
    expect(quantizeWeights.needsCalibration({ bits: 4, feedback: true })).toBe(true);
  });

  it('refuses a model without weights, by name', async () => {
    const bytes = modelOf({
      nodes: [makeNode('Relu', ['x'], ['y'], {}, { name: 'only' })],
      inputs: matrix,
      outputs: [{ name: 'y', dims: ['N', 48] }],
    });
    await expect(apply(quantizeWeights, bytes)).rejects.toEqual(
      expect.objectContaining({ code: 'pass.not-applicable', details: expect.objectContaining({ node: 'only' }) }),
    );
  });
});
