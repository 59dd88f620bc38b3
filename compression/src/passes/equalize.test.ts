import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { linksOf, readGraph } from '../graph.js';
import { createHost } from '../host.js';
import { makeNode, type Node, type Tensor } from '../node.js';
import type { PassParameters } from '../pass.js';
import { dimsOf, float32Tensor, floatsOf } from '../tensor.js';
import { applyPass } from '../testing/apply-pass.js';
import { randomPack, randomWeight } from '../testing/models.js';
import { b1, conv, difference, net, pads, unbalanced, w1, w2 } from '../testing/unbalanced-nets.js';
import { equalize } from './equalize.js';
import { quantizeStatic } from './quantize-static.js';

const host = createHost();
afterAll(() => host.close());

const apply = (bytes: Uint8Array, given: PassParameters = {}, dims: readonly number[] = [4, 6, 6]) =>
  applyPass(equalize, bytes, given, { host, calibration: randomPack(32, dims) });
const outputs = async (bytes: Uint8Array, dims: readonly number[], seed = 5) =>
  (await host.outputs(bytes, randomPack(8, dims, seed))).data;

/** Largest weight of each slice along an axis. */
function peaks(bytes: Uint8Array, weight: string, axis: number): number[] {
  const tensor = linksOf(readGraph(bytes)).constants.get(weight)!;
  const dims = dimsOf(tensor);
  const inner = dims.slice(axis + 1).reduce((p, d) => p * d, 1);
  const found = new Array<number>(dims[axis]!).fill(0);
  floatsOf(tensor)!.forEach((v, i) => {
    const at = Math.floor(i / inner) % dims[axis]!;
    found[at] = Math.max(found[at]!, Math.abs(v));
  });
  return found;
}

describe('equalize', () => {
  it('makes the channels of both weights alike, along chains with depthwise and grouped layers', async () => {
    const bytes = net(
      [
        conv('x', 'a', ['w1', 'b1'], pads),
        makeNode('Relu', ['a'], ['ar']),
        conv('ar', 'b', ['d'], { ...pads, group: 8 }),
        makeNode('Relu', ['b'], ['br']),
        conv('br', 'c', ['g'], { group: 2 }),
        makeNode('Relu', ['c'], ['cr']),
        conv('cr', 'y', ['p']),
      ],
      [
        w1,
        b1,
        unbalanced(randomWeight('d', [16, 1, 3, 3], 2), 0, 4, 1),
        unbalanced(randomWeight('g', [12, 8, 1, 1], 3), 0, 5, 1),
        randomWeight('p', [5, 12, 1, 1], 4),
      ],
    );
    const { bytes: scaled } = await apply(bytes);
    expect(await difference(host, bytes, scaled, [4, 6, 6])).toBeLessThan(1e-4);
    // Two outputs for each input of the depthwise layer: input i is rows 2i and 2i + 1.
    const depthwise = peaks(scaled, 'd', 0);
    peaks(scaled, 'w1', 0).forEach((r1, i) => {
      expect(Math.max(depthwise[2 * i]!, depthwise[2 * i + 1]!) / r1).toBeCloseTo(1, 1);
    });
    const grouped = peaks(scaled, 'g', 0);
    peaks(scaled, 'p', 1).forEach((r2, i) => {
      expect(grouped[i]! / r2).toBeCloseTo(1, 1);
    });
    const again = await apply(scaled);
    expect(Buffer.compare(again.bytes, scaled)).toBe(0);
    expect(again.notes).toEqual([expect.stringContaining('alike already')]);
  });

  it('never changes what random nets compute', async () => {
    const activation = fc.constantFrom('Relu', 'LeakyRelu', 'Identity', 'Tanh', 'Sigmoid', 'Abs');
    const layer = fc.record({
      activation,
      width: fc.constantFrom(4, 8, 12),
      kernel: fc.constantFrom(1, 3),
      depthwise: fc.boolean(),
      gain: fc.constantFrom(0.01, 1, 50),
      twice: fc.boolean(),
      bias: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(layer, { minLength: 2, maxLength: 5 }),
        fc.nat(1000),
        fc.constantFrom('weights', 'activations'),
        async (layers, seed, balance) => {
          const nodes: Node[] = [];
          const initializers: Tensor[] = [];
          let [at, channels] = ['x', 4];
          layers.forEach((spec, i) => {
            const group = spec.depthwise ? channels : 1;
            const width = spec.depthwise ? channels : spec.width;
            const weight = randomWeight(
              `w${i}`,
              [width, channels / group, spec.kernel, spec.kernel],
              seed + i,
              spec.gain,
            );
            initializers.push(unbalanced(weight, 0, seed + 7 * i, 1));
            if (spec.bias) initializers.push(randomWeight(`b${i}`, [width], seed + 31 * i));
            const p = BigInt((spec.kernel - 1) / 2);
            nodes.push(conv(at, `c${i}`, [`w${i}`, ...(spec.bias ? [`b${i}`] : [])], { pads: [p, p, p, p], group }));
            nodes.push(makeNode(spec.activation, [`c${i}`], [`a${i}`]));
            at = `a${i}`;
            // A second reader: its channels must stay as they are.
            if (spec.twice) nodes.push(makeNode('Add', [`a${i}`, `c${i}`], [`s${i}`]));
            if (spec.twice) at = `s${i}`;
            channels = width;
          });
          nodes.push(makeNode('GlobalAveragePool', [at], ['y']));
          const bytes = net(nodes, initializers);
          const scaled = await apply(bytes, { balance }).catch((error: { code?: string }) => error);
          if (!('bytes' in scaled)) expect(scaled.code).toBe('pass.not-applicable');
          else expect(await difference(host, bytes, scaled.bytes, [4, 6, 6])).toBeLessThan(1e-4);
        },
      ),
      { numRuns: 40, seed: 20191 },
    );
  }, 60_000);

  it('leaves weights that two layers share, and copies shared biases', async () => {
    const bytes = net(
      [conv('x', 'a', ['w1', 'b']), conv('a', 'b1', ['w2', 'b']), conv('b1', 'c', ['s', 'b']), conv('c', 'y', ['s'])],
      [
        w1,
        unbalanced(randomWeight('w2', [8, 8, 1, 1], 2), 1, 8, 1),
        randomWeight('s', [8, 8, 1, 1], 3),
        randomWeight('b', [8], 4),
      ],
    );
    const { graph, bytes: scaled, notes } = await apply(bytes);
    expect(notes).toEqual([expect.stringContaining('1 pair equalized: conv a - conv b1')]);
    expect(await difference(host, bytes, scaled, [4, 6, 6])).toBeLessThan(1e-4);
    expect(new Set(graph.body.node.map((n) => n.input[2])).size).toBe(4);
  });

  it('releases an upper bound only where it is told to and calibration data stays below it', async () => {
    const bounded = (high: number) =>
      net(
        [
          conv('x', 'c', ['w1', 'b1'], pads),
          makeNode('Clip', ['c', 'low', 'high'], ['r'], {}, { name: 'clip' }),
          conv('r', 'y', ['w2']),
        ],
        [w1, b1, w2, float32Tensor('low', [], Float32Array.of(0)), float32Tensor('high', [], Float32Array.of(high))],
      );
    const refusal = expect.objectContaining({
      code: 'pass.not-applicable',
      details: expect.objectContaining({ node: 'conv c' }),
    });
    await expect(apply(bounded(1e5))).rejects.toEqual(refusal);
    await expect(apply(bounded(6), { 'release-clips': true })).rejects.toEqual(refusal);
    const { graph, bytes, notes } = await apply(bounded(1e5), { 'release-clips': true });
    expect(graph.body.node.map((n) => n.opType)).toEqual(['Conv', 'Relu', 'Conv']);
    expect(notes[0]).toContain('clip');
    expect(await difference(host, bounded(1e5), bytes, [4, 6, 6])).toBeLessThan(1e-4);
  });

  it('lifts 8 bits with one scale per tensor on a separable net with badly scaled channels', async () => {
    const bytes = net(
      [
        conv('x', 'a', ['w1', 'b1'], pads),
        makeNode('Relu', ['a'], ['ar']),
        conv('ar', 'b', ['d'], { ...pads, group: 8 }),
        makeNode('Relu', ['b'], ['br']),
        conv('br', 'y', ['p']),
      ],
      [
        w1,
        b1,
        unbalanced(unbalanced(randomWeight('d', [8, 1, 3, 3], 2), 0, 9, -1), 0, 4, 1),
        unbalanced(randomWeight('p', [6, 8, 1, 1], 3), 1, 4, -1),
      ],
    );
    const snr = async (small: Uint8Array): Promise<number> => {
      const [before, after] = [await outputs(bytes, [4, 6, 6]), await outputs(small, [4, 6, 6])];
      const noise = before.reduce((sum, v, i) => sum + (v - after[i]!) ** 2, 0);
      return 10 * Math.log10(before.reduce((sum, v) => sum + v * v, 0) / noise);
    };
    const eightBit = async (model: Uint8Array) =>
      (
        await applyPass(
          quantizeStatic,
          model,
          { 'per-channel': false },
          { host, calibration: randomPack(64, [4, 6, 6]) },
        )
      ).bytes;
    const [plain, evened] = [await snr(await eightBit(bytes)), await snr(await eightBit((await apply(bytes)).bytes))];
    expect(plain).toBeLessThan(15);
    expect(evened).toBeGreaterThan(25);
  });

  it('needs calibration data only for what looks at activations', () => {
    expect(equalize.needsCalibration({ balance: 'weights', 'release-clips': false })).toBe(false);
    expect(equalize.needsCalibration({ balance: 'activations', 'release-clips': false })).toBe(true);
    expect(equalize.needsCalibration({ balance: 'weights', 'release-clips': true })).toBe(true);
  });
});
