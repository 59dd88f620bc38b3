import { afterAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { readGraph, writeGraph } from '../graph.js';
import { createHost } from '../host.js';
import { layersOf } from '../layers.js';
import { makeNode } from '../node.js';
import type { PassParameters } from '../pass.js';
import { floatsOf } from '../tensor.js';
import { applyPass } from '../testing/apply-pass.js';
import { modelOf, randomPack, randomWeight, residualNet } from '../testing/models.js';
import { ifNet } from '../testing/odd-nets.js';
import { bodiesOf, weightsOf } from '../weights/bodies.js';
import { optimize } from './optimize.js';
import { pruneMagnitude } from './prune-magnitude.js';

const host = createHost();
afterAll(() => host.close());
// A dozen runs of a model in a child process each: long on a busy machine.
jest.setTimeout(60_000);

const apply = (bytes: Uint8Array, dims: readonly number[], given: PassParameters = {}) =>
  applyPass(pruneMagnitude, bytes, { scope: 'layer', ...given }, { host, calibration: randomPack(64, dims) });
const bySize = { criterion: 'magnitude', recover: 'none' };

/** Zeros of every weight of the main graph and its sub-graphs, by name. */
const zerosOf = (bytes: Uint8Array): Record<string, number> =>
  Object.fromEntries(
    bodiesOf(readGraph(bytes))
      .flatMap(weightsOf)
      .map(({ name, tensor }) => [name, floatsOf(tensor)!.filter((v) => v === 0).length]),
  );

const gemm = (): Uint8Array =>
  modelOf({
    nodes: [makeNode('Gemm', ['x', 'w', 'b'], ['y'], {}, { name: 'only' })],
    inputs: [{ name: 'x', dims: ['N', 40] }],
    outputs: [{ name: 'y', dims: ['N', 12] }],
    initializers: [randomWeight('w', [40, 12], 1), randomWeight('b', [12], 2)],
  });

const folded = async (): Promise<Uint8Array> => (await applyPass(optimize, residualNet(), {}, { host })).bytes;

describe('prune-magnitude', () => {
  it('reaches the sparsity asked for to one weight, whatever the scope, and keeps the largest', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        fc.constantFrom('layer', 'channel', 'global'),
        async (sparsity, scope) => {
          const { bytes } = await apply(gemm(), [40], { ...bySize, sparsity, scope });
          expect(zerosOf(bytes)).toMatchObject({ w: Math.round(sparsity * 480) });
          const before = floatsOf(readGraph(gemm()).body.initializer[0]!)!;
          const after = floatsOf(readGraph(bytes).body.initializer.find((t) => t.name === 'w')!)!;
          expect(after.every((v, k) => v === 0 || v === before[k])).toBe(true);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('says how sparse the whole model is, and leaves small weights, depthwise filters and biases alone', async () => {
    const { bytes, notes } = await apply(await folded(), [3, 8, 8], { sparsity: 0.5 });
    expect(zerosOf(bytes)).toMatchObject({ w3: 0, b3: 0, w5: 0, b5: 0, w4: 192 });
    const layers = layersOf(readGraph(bytes)).map((l) => [l.node.output[0], l.weight.filter((v) => v === 0).length]);
    expect(layers).toEqual([
      ['n1', 216],
      ['n2', 1152],
      ['d', 0],
      ['p', 192],
      ['y', 0],
    ]);
    expect(notes[0]).toContain('1560 of 3120 weights of 3 layers');
  });

  it('answers more like the original when what is left is refitted, and when zeros are chosen by damage', async () => {
    const bytes = await folded();
    const pack = randomPack(64, [3, 8, 8]);
    const wanted = (await host.outputs(bytes, pack)).data;
    const errors: number[] = [];
    const settings: PassParameters[] = [{}, { criterion: 'magnitude' }, bySize];
    for (const given of settings.map((setting) => ({ ...setting, sparsity: 0.6 }))) {
      const { data } = await host.outputs((await apply(bytes, [3, 8, 8], given)).bytes, pack);
      errors.push(data.reduce((sum, v, i) => sum + (v - wanted[i]!) ** 2, 0));
    }
    expect(errors[0]).toBeLessThan(errors[1]!);
    expect(errors[1]).toBeLessThan(errors[2]! / 2);
  });

  it('takes more from layers that suffer less, and as much in all, with scope global', async () => {
    const { notes, graph } = await apply(await folded(), [3, 8, 8], { scope: 'global' });
    expect(notes[0]).toContain('1560 of 3120 weights of 3 layers');
    const share = layersOf(graph).map((l) => l.weight.filter((v) => v === 0).length / l.weight.length);
    expect(Math.max(...share)).toBeGreaterThan(0.5);
    expect(share[0]).toBeLessThan(share[1]!);
  });

  it('gives the same bytes twice, keeps zeros and finds nothing more to prune the second time', async () => {
    const bytes = await folded();
    const [a, b] = [await apply(bytes, [3, 8, 8]), await apply(bytes, [3, 8, 8])];
    expect(Buffer.compare(a.bytes, b.bytes)).toBe(0);
    const again = await apply(a.bytes, [3, 8, 8], bySize);
    expect(Buffer.compare(again.bytes, a.bytes)).toBe(0);
    const more = await apply(a.bytes, [3, 8, 8], { sparsity: 0.3 });
    const zeros = (graph: typeof a.graph) => layersOf(graph).flatMap((l) => [...l.weight].map((v) => v === 0));
    const [before, after] = [zeros(a.graph), zeros(more.graph)];
    expect(before.every((zero, k) => !zero || after[k])).toBe(true);
  });

  it('keeps two of every four neighbouring input channels with pattern 2:4', async () => {
    const { graph } = await apply(await folded(), [3, 8, 8], { pattern: '2:4' });
    const layer = layersOf(graph).find((l) => l.node.output[0] === 'n2')!;
    for (let o = 0; o < layer.outputs; o++)
      for (let p = 0; p < 9; p++)
        for (let c = 0; c < 16; c += 4) {
          const four = [0, 1, 2, 3].map((i) => layer.weight[o * layer.columns + (c + i) * 9 + p]);
          expect(four.filter((v) => v === 0)).toHaveLength(2);
        }
  });

  it('prunes weights of sub-graphs and shared ones by size, and says so', async () => {
    const branches = await applyPass(pruneMagnitude, ifNet(), { ...bySize, scope: 'layer' }, { host });
    expect(zerosOf(branches.bytes)).toMatchObject({ v1: 960, v2: 960 });
    const shared = modelOf({
      nodes: [makeNode('MatMul', ['x', 'w'], ['h'], {}, { name: 'a' }), makeNode('MatMul', ['h', 'w'], ['y'])],
      inputs: [{ name: 'x', dims: ['N', 20] }],
      outputs: [{ name: 'y', dims: ['N', 20] }],
      initializers: [randomWeight('w', [20, 20], 1)],
    });
    const { bytes, notes } = await apply(shared, [20]);
    expect(zerosOf(bytes)).toEqual({ w: 200 });
    expect(notes[1]).toContain('a');
  });

  it('prunes and refits matrix products on sequences', async () => {
    const bytes = modelOf({
      nodes: [
        makeNode('MatMul', ['x', 'w1'], ['h']),
        makeNode('Relu', ['h'], ['r']),
        makeNode('MatMul', ['r', 'w2'], ['y']),
      ],
      inputs: [{ name: 'x', dims: ['N', 6, 24] }],
      outputs: [{ name: 'y', dims: ['N', 6, 16] }],
      initializers: [randomWeight('w1', [24, 32], 1), randomWeight('w2', [32, 16], 2)],
    });
    const { notes, bytes: pruned } = await apply(bytes, [6, 24]);
    expect(notes).toEqual([expect.stringContaining('2 layers refitted')]);
    expect(zerosOf(pruned)).toEqual({ w1: 384, w2: 256 });
  });

  it('leaves excluded nodes as they are', async () => {
    const bytes = writeGraph(readGraph(await folded()));
    const first = layersOf(readGraph(bytes))[0]!;
    const { graph } = await apply(bytes, [3, 8, 8], { 'exclude-first': true, 'exclude-last': true });
    const kept = layersOf(graph);
    expect(kept[0]!.weight).toEqual(first.weight);
    // The last weight large enough is the pointwise one.
    expect(kept.map((l) => l.weight.some((v) => v === 0))).toEqual([false, true, false, false, false]);
    const named = await apply(gemm(), [40], { 'exclude-nodes': ['other'] });
    expect(zerosOf(named.bytes)).toMatchObject({ w: 240 });
    await expect(apply(gemm(), [40], { 'exclude-nodes': ['only'] })).rejects.toMatchObject({
      code: 'pass.not-applicable',
      details: { node: 'only' },
    });
  });

  it('refuses a model without weights to spare, and missing data, by code', async () => {
    const none = modelOf({
      nodes: [makeNode('Relu', ['x'], ['y'], {}, { name: 'relu' })],
      inputs: [{ name: 'x', dims: ['N', 4] }],
      outputs: [{ name: 'y', dims: ['N', 4] }],
    });
    await expect(apply(none, [4])).rejects.toMatchObject({
      code: 'pass.not-applicable',
      details: { node: 'relu', pass: 'prune-magnitude' },
    });
    await expect(applyPass(pruneMagnitude, gemm(), {}, { host })).rejects.toMatchObject({ code: 'data.missing' });
  });

  it('stops when cancelled', async () => {
    const stop = new AbortController();
    stop.abort();
    const running = pruneMagnitude.apply(
      readGraph(gemm()),
      Object.fromEntries(Object.entries(pruneMagnitude.parameters).map(([name, spec]) => [name, spec.default])),
      {
        host,
        source: gemm(),
        calibration: randomPack(8, [40]),
        signal: stop.signal,
        report: () => undefined,
        progress: () => undefined,
      },
    );
    await expect(running).rejects.toMatchObject({ code: 'run.cancelled' });
  });
});
