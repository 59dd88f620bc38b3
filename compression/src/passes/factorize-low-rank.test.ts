import type { TensorPack } from '@hilltop/contracts';
import { afterAll, describe, expect, it } from '@jest/globals';
import { createHost } from '../host.js';
import { svd } from '../low-rank/svd.js';
import { type AttributeValue, makeNode, type Node } from '../node.js';
import { dimsOf, float32Tensor, floatsOf } from '../tensor.js';
import { applyPass } from '../testing/apply-pass.js';
import { modelOf, randomFloats, randomPack, randomWeight, residualNet } from '../testing/models.js';
import { factorizeLowRank } from './factorize-low-rank.js';

const host = createHost();
afterAll(() => host.close());

const factorize = (bytes: Uint8Array, given = {}, calibration?: TensorPack) =>
  applyPass(factorizeLowRank, bytes, given, { host, ...(calibration && { calibration }) });

/** Error of the first output relative to its size: root of the sums of squares. */
async function relativeError(before: Uint8Array, after: Uint8Array, pack: TensorPack): Promise<number> {
  const [a, b] = [(await host.outputs(before, pack)).data, (await host.outputs(after, pack)).data];
  const off = a.reduce((sum, v, i) => sum + (v - b[i]!) ** 2, 0);
  return Math.sqrt(off / a.reduce((sum, v) => sum + v * v, 0));
}

/** A weight of few directions: `rank` products of random vectors, so that a split can be exact. */
function thinWeight(name: string, dims: readonly [number, number, ...number[]], rank: number, kernelAxis = false) {
  const size = dims.reduce((p, d) => p * d, 1);
  const data = new Float32Array(size);
  // Rows are outputs; for `kernelAxis` the vectors lie along channel x kernel row and output x kernel column.
  const [outputs, channels, kh = 1, kw = 1] = dims;
  const left = randomFloats(rank * (kernelAxis ? channels * kh : outputs), 3);
  const right = randomFloats(rank * (kernelAxis ? outputs * kw : size / outputs), 4);
  for (let k = 0; k < size; k++) {
    const j = k % kw;
    const i = Math.floor(k / kw) % kh;
    const c = Math.floor(k / (kw * kh)) % channels;
    const o = Math.floor(k / (kw * kh * channels));
    for (let r = 0; r < rank; r++)
      data[k]! += kernelAxis
        ? left[r * channels * kh + c * kh + i]! * right[r * outputs * kw + o * kw + j]!
        : left[r * outputs + o]! * right[(r * size) / outputs + (k % (size / outputs))]!;
  }
  return float32Tensor(name, dims, data);
}

const image = [{ name: 'x', dims: ['N', 8, 9, 9] }] as const;
const anything = [{ name: 'y', dims: ['N', 'C', 'H', 'W'] }] as const;
const conv = (attributes: Readonly<Record<string, AttributeValue>>, kernelAxis = false): Uint8Array =>
  modelOf({
    nodes: [makeNode('Conv', ['x', 'w', 'b'], ['y'], attributes, { name: 'conv' })],
    inputs: image,
    outputs: anything,
    initializers: [thinWeight('w', [12, 8, 3, 3], 3, kernelAxis), randomWeight('b', [12], 2)],
  });
const product = (node: Node, dims: [number, number], opset = 13, input: readonly number[] = [24]): Uint8Array =>
  modelOf({
    opset,
    nodes: [node],
    inputs: [{ name: 'x', dims: ['N', ...input] }],
    outputs: [{ name: 'y', dims: ['N', ...input.slice(0, -1), 20] }],
    initializers: [thinWeight('w', dims, 3), randomWeight('b', [20], 2)],
  });

describe('factorize-low-rank', () => {
  it.each<[string, Uint8Array, readonly number[], readonly string[]]>([
    ['Conv', conv({ pads: [1n, 1n, 1n, 1n] }), [8, 9, 9], ['Conv', 'Conv']],
    ['Conv that steps', conv({ strides: [2n, 3n], pads: [1n, 0n, 2n, 1n] }), [8, 9, 9], ['Conv', 'Conv']],
    ['Conv with SAME pads', conv({ auto_pad: 'SAME_LOWER', strides: [2n, 1n] }), [8, 9, 9], ['Conv', 'Conv']],
    [
      'Conv of rows and columns',
      conv({ pads: [1n, 1n, 1n, 1n], strides: [2n, 1n] }, true),
      [8, 9, 9],
      ['Conv', 'Conv'],
    ],
    [
      'Conv of rows and columns, SAME',
      conv({ auto_pad: 'SAME_UPPER', strides: [1n, 2n] }, true),
      [8, 9, 9],
      ['Conv', 'Conv'],
    ],
    ['Gemm', product(makeNode('Gemm', ['x', 'w', 'b'], ['y'], { transB: 1 }), [20, 24]), [24], ['MatMul', 'Gemm']],
    ['Gemm, upright, set 9', product(makeNode('Gemm', ['x', 'w', 'b'], ['y']), [24, 20], 9), [24], ['MatMul', 'Gemm']],
    ['MatMul', product(makeNode('MatMul', ['x', 'w'], ['y']), [24, 20]), [24], ['MatMul', 'MatMul']],
    [
      'MatMul of sequences',
      product(makeNode('MatMul', ['x', 'w'], ['y']), [24, 20], 13, [5, 24]),
      [5, 24],
      ['MatMul', 'MatMul'],
    ],
  ])('splits %s exactly where its weight has few directions', async (_title, bytes, dims, types) => {
    const pack = randomPack(4, dims, 9);
    for (const given of [{}, { whiten: true, refit: true }]) {
      const { bytes: split, graph } = await factorize(bytes, { energy: 0.99999, ...given }, randomPack(64, dims, 5));
      expect(graph.body.node.map((n) => n.opType)).toEqual(types);
      expect(graph.body.node.at(-1)!.output).toEqual(['y']);
      expect(split.length).toBeLessThan(bytes.length);
      expect(await relativeError(bytes, split, pack)).toBeLessThan(1e-2);
    }
  });

  it('leaves an error of the weight that is the tail of its singular values', async () => {
    const weight = randomWeight('w', [20, 24], 8);
    const bytes = modelOf({
      nodes: [makeNode('Gemm', ['x', 'w'], ['y'], { transB: 1 })],
      inputs: [{ name: 'x', dims: ['N', 24] }],
      outputs: [{ name: 'y', dims: ['N', 20] }],
      initializers: [weight],
    });
    const { graph } = await factorize(bytes, { by: 'rank', rank: 7 });
    const [first, second] = graph.body.initializer.map((t) => ({ dims: dimsOf(t), data: floatsOf(t)! }));
    expect([first!.dims, second!.dims]).toEqual([
      [24, 7],
      [20, 7],
    ]);
    const given = floatsOf(weight)!;
    let off = 0;
    for (let o = 0; o < 20; o++)
      for (let i = 0; i < 24; i++) {
        let value = given[o * 24 + i]!;
        for (let r = 0; r < 7; r++) value -= second!.data[o * 7 + r]! * first!.data[i * 7 + r]!;
        off += value * value;
      }
    const tail = svd(Float64Array.from(given), 20, 24).values.slice(7);
    expect(off / tail.reduce((sum, s) => sum + s * s, 0)).toBeCloseTo(1, 5);
  });

  it('keeps more of the outputs with whiten than without, where inputs go together', async () => {
    // Inputs of six directions in 24, of which the weight knows nothing.
    const mix = randomFloats(6 * 24, 11);
    const correlated = (items: number, seed: number): TensorPack => {
      const source = randomFloats(items * 6, seed);
      const data = Float32Array.from({ length: items * 24 }, (_, k) => {
        let sum = 0.02 * Math.sin(k * k);
        for (let r = 0; r < 6; r++) sum += source[Math.floor(k / 24) * 6 + r]! * mix[r * 24 + (k % 24)]!;
        return sum + 1;
      });
      return {
        items,
        inputs: [{ type: 'float32', dims: [24], scale: 1, offset: 0, data: new Uint8Array(data.buffer) }],
      };
    };
    const bytes = modelOf({
      nodes: [makeNode('Gemm', ['x', 'w'], ['y'], { transB: 1 })],
      inputs: [{ name: 'x', dims: ['N', 24] }],
      outputs: [{ name: 'y', dims: ['N', 20] }],
      initializers: [randomWeight('w', [20, 24], 8)],
    });
    const given = { by: 'rank', rank: 6 };
    const [plain, whitened] = [
      await factorize(bytes, given),
      await factorize(bytes, { ...given, whiten: true }, correlated(256, 1)),
    ];
    const other = correlated(64, 2);
    const [far, near] = [
      await relativeError(bytes, plain.bytes, other),
      await relativeError(bytes, whitened.bytes, other),
    ];
    expect(near).toBeLessThan(far / 5);
  });

  it('gets nearer to the original by refitting', async () => {
    const bytes = residualNet();
    const given = { by: 'ratio', ratio: 0.6 };
    const [plain, refitted] = [
      await factorize(bytes, given),
      await factorize(bytes, { ...given, refit: true }, randomPack(256, [3, 8, 8], 5)),
    ];
    const pack = randomPack(64, [3, 8, 8], 6);
    const [far, near] = [
      await relativeError(bytes, plain.bytes, pack),
      await relativeError(bytes, refitted.bytes, pack),
    ];
    expect(near).toBeLessThan(far);
  });

  it('leaves grouped and excluded layers whole and says what it split', async () => {
    const { graph, notes } = await factorize(residualNet(), { by: 'rank', rank: 4, 'exclude-nodes': ['conv2'] });
    const names = graph.body.node.map((n) => n.name).filter((n) => n !== '');
    expect(names).toEqual([
      'conv1/u0',
      'conv1',
      'bn1',
      'conv2',
      'bn2',
      'depthwise',
      'pointwise/u0',
      'pointwise',
      'head',
    ]);
    expect(notes).toEqual([expect.stringMatching(/^2 of 3 layers split, to rank conv1 4 of .*, pointwise 4 of/)]);
  });

  it('leaves matrices whole that would take too long to decompose, and says so', async () => {
    const bytes = modelOf({
      nodes: [
        makeNode('MatMul', ['x', 'w'], ['h'], {}, { name: 'thin' }),
        makeNode('MatMul', ['h', 'v'], ['y'], {}, { name: 'huge' }),
      ],
      inputs: [{ name: 'x', dims: ['N', 40] }],
      outputs: [{ name: 'y', dims: ['N', 800] }],
      initializers: [thinWeight('w', [40, 800], 3), randomWeight('v', [800, 800], 2)],
    });
    const { graph, notes } = await factorize(bytes, { energy: 0.99 });
    expect(graph.body.node.map((n) => n.name)).toEqual(['thin/u0', 'thin', 'huge']);
    expect(notes.at(-1)).toMatch(/too large to decompose: huge$/);
  });

  it('gives the same bytes twice', async () => {
    const pack = randomPack(64, [3, 8, 8], 5);
    const once = await factorize(residualNet(), { energy: 0.8, whiten: true, refit: true }, pack);
    const twice = await factorize(residualNet(), { energy: 0.8, whiten: true, refit: true }, pack);
    expect(Buffer.compare(once.bytes, twice.bytes)).toBe(0);
  });

  it('refuses, by name, where nothing would be saved', async () => {
    await expect(factorize(residualNet(), { energy: 1 })).rejects.toEqual(
      expect.objectContaining({ code: 'pass.not-applicable', details: expect.objectContaining({ node: 'conv2' }) }),
    );
    const shared = modelOf({
      nodes: [
        makeNode('MatMul', ['x', 'w'], ['h'], {}, { name: 'first' }),
        makeNode('MatMul', ['h', 'w'], ['y'], {}, { name: 'again' }),
      ],
      inputs: [{ name: 'x', dims: ['N', 24] }],
      outputs: [{ name: 'y', dims: ['N', 24] }],
      initializers: [thinWeight('w', [24, 24], 3)],
    });
    await expect(factorize(shared)).rejects.toEqual(
      expect.objectContaining({ code: 'pass.not-applicable', details: expect.objectContaining({ node: 'first' }) }),
    );
  });

  it('reads calibration data only where it has to', () => {
    const defaults = Object.fromEntries(Object.entries(factorizeLowRank.parameters).map(([k, s]) => [k, s.default]));
    expect(
      [defaults, { ...defaults, whiten: true }, { ...defaults, refit: true }].map((given) =>
        factorizeLowRank.needsCalibration(given),
      ),
    ).toEqual([false, true, true]);
  });
});
