import type { TensorPack } from '@hilltop/contracts';
import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hoistConstants, linksOf, readGraph } from '../graph.js';
import { createHost } from '../host.js';
import { layersOf } from '../layers.js';
import { makeNode, type Node } from '../node.js';
import { parametersOf } from '../parameters.js';
import { float32Tensor, floatsOf } from '../tensor.js';
import { applyPass } from '../testing/apply-pass.js';
import { modelOf, randomFloats, randomPack, randomWeight, residualNet } from '../testing/models.js';
import { ifNet, netOfOpset } from '../testing/odd-nets.js';
import { clusterWeights } from './cluster-weights.js';

const host = createHost();
afterAll(() => host.close());

const cluster = (bytes: Uint8Array, given = {}, calibration?: TensorPack) =>
  applyPass(clusterWeights, bytes, given, { host, ...(calibration && { calibration }) });

const image = [{ name: 'x', dims: ['N', 8, 6, 6] }] as const;
const row = [{ name: 'x', dims: ['N', 48] }] as const;
const one = (node: Node, dims: readonly number[], inputs: typeof image | typeof row, opset = 13): Uint8Array =>
  modelOf({
    opset,
    nodes: [node],
    inputs,
    outputs: [{ name: 'y', dims: inputs === image ? ['N', 'C', 'H', 'W'] : ['N', 40] }],
    initializers: [randomWeight('w', dims, 3)],
  });
const models: [string, Uint8Array, number[]][] = [
  ['Conv', one(makeNode('Conv', ['x', 'w'], ['y']), [16, 8, 3, 3], image), [8, 6, 6]],
  ['ConvTranspose', one(makeNode('ConvTranspose', ['x', 'w'], ['y']), [8, 16, 3, 3], image), [8, 6, 6]],
  ['depthwise Conv', one(makeNode('Conv', ['x', 'w'], ['y'], { group: 8 }), [64, 1, 3, 3], image), [8, 6, 6]],
  ['Gemm', one(makeNode('Gemm', ['x', 'w'], ['y']), [48, 40], row), [48]],
  ['Gemm transB, set 9', one(makeNode('Gemm', ['x', 'w', 'w0'], ['y'], { transB: 1 }), [40, 48], row, 9), [48]],
  ['MatMul, set 7', one(makeNode('MatMul', ['x', 'w'], ['y']), [48, 40], row, 7), [48]],
];
// Before operator set 11 a Gemm must have a bias.
models[4]![1] = modelOf({
  opset: 9,
  nodes: [makeNode('Gemm', ['x', 'w', 'w0'], ['y'], { transB: 1 })],
  inputs: row,
  outputs: [{ name: 'y', dims: ['N', 40] }],
  initializers: [randomWeight('w', [40, 48], 3), randomWeight('w0', [40], 4)],
});

/** Signal to noise of the first output in dB. */
async function sqnr(before: Uint8Array, after: Uint8Array, pack: TensorPack): Promise<number> {
  const [a, b] = [(await host.outputs(before, pack)).data, (await host.outputs(after, pack)).data];
  const noise = a.reduce((sum, v, i) => sum + (v - b[i]!) ** 2, 0);
  return 10 * Math.log10(a.reduce((sum, v) => sum + v * v, 0) / noise);
}

/** The weights of the layers of a model as the runtime computes with them. */
async function weightsLoaded(bytes: Uint8Array): Promise<Map<string, Float32Array>> {
  const loaded = readGraph(await host.optimize(bytes, { level: 'basic' }));
  hoistConstants(loaded);
  return new Map(layersOf(loaded).map((l) => [l.node.name || l.node.output[0]!, floatsOf(l.tensor)!]));
}

describe('cluster-weights', () => {
  it.each(models)('stores %s in a codebook the runtime folds', async (_title, bytes, dims) => {
    for (const clusters of [3, 32]) {
      const { bytes: small, graph } = await cluster(bytes, { clusters });
      expect(small.length).toBeLessThan(bytes.length * (clusters === 32 ? 0.75 : 0.6));
      expect(parametersOf(graph)).toBe(parametersOf(readGraph(bytes)));
      const loaded = readGraph(await host.optimize(small, { level: 'basic' }));
      expect(loaded.body.node.map((n) => n.opType)).toEqual(readGraph(bytes).body.node.map((n) => n.opType));
      // The steps of an even quantizer of a flat distribution: 6 dB a bit.
      expect(await sqnr(bytes, small, randomPack(4, dims, 9))).toBeGreaterThan(6 * Math.log2(clusters) - 3);
    }
  });

  it('packs indices: at most 16 values take half a byte, 17 a whole one', async () => {
    const bytes = one(makeNode('MatMul', ['x', 'w'], ['y']), [48, 40], row);
    const packed = async (clusters: number): Promise<number> => {
      const { graph } = await cluster(bytes, { clusters });
      return graph.body.initializer.find((t) => t.dataType === 2)!.rawData.length;
    };
    expect(await Promise.all([2, 3, 4, 6, 7, 16, 17].map(packed))).toEqual([240, 384, 480, 640, 960, 960, 1920]);
  });

  it('leaves as many values as there are clusters, in every layer or in all', async () => {
    const bytes = residualNet();
    // The runtime fuses BatchNormalization into the others.
    const untouched = ['depthwise', 'pointwise', 'head'];
    for (const storage of ['plain', 'codebook']) {
      const given = { clusters: 6, scale: 'none', storage, 'min-size': 100 };
      const byLayer = await weightsLoaded((await cluster(bytes, given)).bytes);
      for (const name of untouched) expect(new Set(byLayer.get(name)).size).toBeLessThanOrEqual(6);
      const all = await weightsLoaded((await cluster(bytes, { ...given, scope: 'global' })).bytes);
      expect(new Set(untouched.flatMap((name) => [...all.get(name)!])).size).toBeLessThanOrEqual(6);
    }
  });

  it('makes the same values in either storage', async () => {
    const given = { clusters: 5, scale: 'none' };
    const [plain, codebook] = await Promise.all(
      ['plain', 'codebook'].map(async (storage) => (await cluster(residualNet(), { ...given, storage })).bytes),
    );
    expect(await weightsLoaded(codebook!)).toEqual(await weightsLoaded(plain!));
  });

  it('keeps the zeros of pruned weights, whatever else is asked for', async () => {
    const data = randomFloats(16 * 8 * 9, 3).map((v) => (Math.abs(v) < 0.5 ? 0 : v));
    const bytes = modelOf({
      nodes: [makeNode('Conv', ['x', 'w'], ['y'])],
      inputs: image,
      outputs: [{ name: 'y', dims: ['N', 'C', 'H', 'W'] }],
      initializers: [float32Tensor('w', [16, 8, 3, 3], data)],
    });
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          clusters: fc.integer({ min: 2, max: 40 }),
          scope: fc.constantFrom('layer', 'global'),
          scale: fc.constantFrom('channel', 'none'),
          feedback: fc.boolean(),
          'bit-price': fc.constantFrom(0, 0.1),
        }),
        async (given) => {
          const { bytes: small } = await cluster(bytes, given, randomPack(16, [8, 6, 6], 5));
          const [made] = [...(await weightsLoaded(small)).values()];
          expect(data.every((v, i) => v !== 0 || made![i] === 0)).toBe(true);
        },
      ),
      { numRuns: 6 },
    );
    // Each run asks the runtime four times; a busy machine may take seconds.
  }, 60_000);

  it('answers better with feedback', async () => {
    const bytes = residualNet();
    const [calibration, other] = [randomPack(256, [3, 8, 8], 5), randomPack(64, [3, 8, 8], 6)];
    for (const scope of ['layer', 'global']) {
      const given = { clusters: 8, scope, 'min-size': 100 };
      const [near, fed] = [
        await cluster(bytes, given),
        await cluster(bytes, { ...given, feedback: true }, calibration),
      ];
      expect(fed.notes).toEqual(['5 weights clustered, 5 with feedback']);
      expect(await sqnr(bytes, fed.bytes, other)).toBeGreaterThan((await sqnr(bytes, near.bytes, other)) + 3);
    }
  });

  it('compresses better at a price for bits', async () => {
    // Bytes times their order-0 entropy: what an entropy coder makes of them, in bits.
    const codedBits = async (price: number, scale: string): Promise<number> => {
      const { graph } = await cluster(models[3]![1], { clusters: 32, 'bit-price': price, scale });
      const indices = graph.body.initializer.find((t) => t.dataType === 2)!.rawData;
      const counts = new Map<number, number>();
      for (const i of indices) counts.set(i, (counts.get(i) ?? 0) + 1);
      return [...counts.values()].reduce((sum, c) => sum - c * Math.log2(c / indices.length), 0);
    };
    for (const scale of ['channel', 'none']) {
      const [free, dear] = [await codedBits(0, scale), await codedBits(0.05, scale)];
      expect(dear).toBeLessThan(0.7 * free);
      // Not all on one value: the price is in units of the weights.
      expect(dear).toBeGreaterThan(0.2 * free);
    }
  });

  it('reaches weights in sub-graphs and Constant nodes', async () => {
    const { bytes: small } = await cluster(ifNet());
    expect(small.length).toBeLessThan(ifNet().length * 0.35);
    expect(await sqnr(ifNet(), small, randomPack(4, [48], 9))).toBeGreaterThan(15);
    const plain = await cluster(ifNet(), { storage: 'plain' });
    expect(await sqnr(ifNet(), plain.bytes, randomPack(4, [48], 9))).toBeGreaterThan(12);
  });

  it.each([7, 8, 10, 12, 13, 18, 21])('works in operator set %i', async (opset) => {
    const bytes = netOfOpset(opset);
    const { bytes: small } = await cluster(bytes, { clusters: 32 });
    expect(small.length).toBeLessThan(bytes.length * 0.5);
    expect(await sqnr(bytes, small, randomPack(4, [3, 8, 8], 9))).toBeGreaterThan(15);
  });

  it('leaves a shared weight to the nearest values, and a shared bias as it is', async () => {
    const pads = { pads: [1n, 1n, 1n, 1n] };
    const bytes = modelOf({
      nodes: [
        makeNode('Conv', ['x', 'w', 'b'], ['a'], pads, { name: 'first' }),
        makeNode('Conv', ['a', 'w', 'b'], ['c'], pads, { name: 'again' }),
        makeNode('Conv', ['c', 'v', 'b'], ['y'], pads, { name: 'last' }),
      ],
      inputs: image,
      outputs: [{ name: 'y', dims: ['N', 8, 6, 6] }],
      initializers: [randomWeight('w', [8, 8, 3, 3], 1), randomWeight('v', [8, 8, 3, 3], 2), randomWeight('b', [8], 3)],
    });
    const { graph, notes } = await cluster(bytes, { feedback: true }, randomPack(64, [8, 6, 6], 5));
    expect(notes).toEqual([expect.stringMatching(/^2 weights clustered, 1 with feedback; .*: first$/)]);
    expect([...floatsOf(linksOf(graph).constants.get('b')!)!]).toEqual([...floatsOf(randomWeight('b', [8], 3))!]);
  });

  it('leaves excluded, small and infinite weights alone', async () => {
    const { graph } = await cluster(residualNet(), { 'exclude-nodes': ['conv2'], 'min-size': 300 });
    const kept = graph.body.initializer.map((t) => t.name).filter((name) => /^w\d$/.test(name));
    expect(kept).toEqual(['w2', 'w3', 'w5']);
    const infinite = modelOf({
      nodes: [makeNode('MatMul', ['x', 'w'], ['y'], {}, { name: 'only' })],
      inputs: row,
      outputs: [{ name: 'y', dims: ['N', 40] }],
      initializers: [float32Tensor('w', [48, 40], new Float32Array(48 * 40).fill(Number.POSITIVE_INFINITY))],
    });
    await expect(cluster(infinite)).rejects.toEqual(
      expect.objectContaining({ code: 'pass.not-applicable', details: expect.objectContaining({ node: 'only' }) }),
    );
  });

  it('gives the same bytes twice, and reads calibration data only for feedback', async () => {
    const pack = randomPack(64, [3, 8, 8], 5);
    const given = { clusters: 8, feedback: true, 'bit-price': 0.05 };
    const [once, twice] = [await cluster(residualNet(), given, pack), await cluster(residualNet(), given, pack)];
    expect(Buffer.compare(once.bytes, twice.bytes)).toBe(0);
    const defaults = Object.fromEntries(Object.entries(clusterWeights.parameters).map(([k, s]) => [k, s.default]));
    expect(clusterWeights.needsCalibration(defaults)).toBe(false);
    expect(clusterWeights.needsCalibration({ ...defaults, feedback: true })).toBe(true);
  });

  it('refuses a codebook in an operator set without broadcasting, and a model without weights', async () => {
    const old = one(makeNode('Conv', ['x', 'w'], ['y'], {}, { name: 'old' }), [16, 8, 3, 3], image, 6);
    await expect(cluster(old)).rejects.toEqual(
      expect.objectContaining({ code: 'pass.not-applicable', details: expect.objectContaining({ node: 'old' }) }),
    );
    const none = modelOf({
      nodes: [makeNode('Relu', ['x'], ['y'], {}, { name: 'relu' })],
      inputs: row,
      outputs: [{ name: 'y', dims: ['N', 48] }],
    });
    await expect(cluster(none)).rejects.toEqual(
      expect.objectContaining({ code: 'pass.not-applicable', details: expect.objectContaining({ node: 'relu' }) }),
    );
  });
});
