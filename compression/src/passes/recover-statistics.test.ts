import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { readGraph } from '../graph.js';
import { createHost } from '../host.js';
import { makeNode } from '../node.js';
import type { Pass, PassParameters } from '../pass.js';
import { floatsOf } from '../tensor.js';
import { applyPass } from '../testing/apply-pass.js';
import { modelOf, randomPack, randomWeight, residualNet } from '../testing/models.js';
import { fp16 } from './fp16.js';
import { optimize } from './optimize.js';
import { pruneMagnitude } from './prune-magnitude.js';
import { quantizeStatic } from './quantize-static.js';
import { quantizeWeights } from './quantize-weights.js';
import { recoverStatistics } from './recover-statistics.js';

const host = createHost();
afterAll(() => host.close());
// A dozen runs of a model in a child process each: long on a busy machine.
jest.setTimeout(60_000);

const calibration = randomPack(64, [3, 8, 8]);
const recover = (bytes: Uint8Array, source: Uint8Array, given: PassParameters = {}) =>
  applyPass(recoverStatistics, bytes, given, { host, calibration, source });
const folded = async (): Promise<Uint8Array> => (await applyPass(optimize, residualNet(), {}, { host })).bytes;
const after = async (pass: Pass, given: PassParameters): Promise<Uint8Array> =>
  (await applyPass(pass, await folded(), given, { host, calibration })).bytes;
const pruned = (): Promise<Uint8Array> =>
  after(pruneMagnitude, { criterion: 'magnitude', recover: 'none', sparsity: 0.5 });

/** Squared error of the outputs against the net as it was. */
async function errorOf(bytes: Uint8Array): Promise<number> {
  const wanted = (await host.outputs(residualNet(), calibration)).data;
  return (await host.outputs(bytes, calibration)).data.reduce((sum, v, i) => sum + (v - wanted[i]!) ** 2, 0);
}
const moments = async (bytes: Uint8Array, tensor: string) =>
  (await host.statistics(bytes, calibration, [{ kind: 'channels', tensor }]))[0] as {
    mean: Float32Array;
    deviation: Float32Array;
  };

describe('recover-statistics', () => {
  it('gives each layer the mean and deviation of the layer of its name, also where batch normalization was folded', async () => {
    const { bytes, notes } = await recover(await pruned(), residualNet());
    for (const tensor of ['n1', 'n2', 'd', 'p', 'y']) {
      const [ours, theirs] = [await moments(bytes, tensor), await moments(residualNet(), tensor)];
      const near = (a: Float32Array, b: Float32Array) =>
        a.every((v, c) => Math.abs(v - b[c]!) <= 3e-3 * theirs.deviation[c]! + 1e-6);
      expect([tensor, near(ours.mean, theirs.mean), near(ours.deviation, theirs.deviation)]).toEqual([
        tensor,
        true,
        true,
      ]);
    }
    expect(notes).toEqual(['5 of 5 layers changed, 0 were alike already']);
  });

  it('brings a pruned net nearer to the original, by both moments or the mean alone, and keeps its zeros', async () => {
    const bytes = await pruned();
    const both = await recover(bytes, residualNet());
    const mean = await recover(bytes, residualNet(), { match: 'mean' });
    const errors = await Promise.all([both.bytes, mean.bytes, bytes].map(errorOf));
    expect(errors[0]).toBeLessThan(errors[2]! / 2);
    expect(errors[1]).toBeLessThan(errors[2]!);
    const zeros = (of: Uint8Array) =>
      readGraph(of)
        .body.initializer.filter((t) => t.dims.length > 1)
        .map((t) => floatsOf(t)!.map((v) => (v === 0 ? 1 : 0)));
    expect(zeros(both.bytes)).toEqual(zeros(bytes));
  });

  it('leaves stored integers as they are: gains go into the scales, or into constants the runtime folds', async () => {
    for (const [pass, given] of [
      [quantizeWeights, { bits: 8 }],
      [quantizeWeights, { bits: 4 }],
      [fp16, {}],
    ] as const) {
      const bytes = await after(pass, given);
      const { graph, bytes: better } = await recover(bytes, residualNet());
      const stored = (of: ReturnType<typeof readGraph>) =>
        of.body.initializer.filter((t) => t.dataType !== 1).map((t) => Buffer.from(t.rawData).toString('hex'));
      expect(stored(graph)).toEqual(stored(readGraph(bytes)));
      expect(await errorOf(better)).toBeLessThanOrEqual(1.01 * (await errorOf(bytes)));
      expect(better.length).toBeLessThan(bytes.length + 2500);
      const kept = readGraph(await host.optimize(better, { level: 'basic' }));
      expect(kept.body.node.some(({ opType }) => ['Cast', 'Mul', 'Reshape'].includes(opType))).toBe(false);
    }
  });

  it('moves only the biases of a net that computes on integers', async () => {
    const bytes = await after(quantizeStatic, {});
    const { graph, bytes: better, notes } = await recover(bytes, residualNet());
    const types = (of: ReturnType<typeof readGraph>) => of.body.node.map(({ opType }) => opType);
    expect(types(graph)).toEqual(types(readGraph(bytes)));
    expect(better.length).toBe(bytes.length);
    expect(notes.join()).toContain('the mean alone');
    expect(await errorOf(better)).toBeLessThan(1.1 * (await errorOf(bytes)));
  });

  it('changes nothing where everything is alike, and gives the same bytes twice', async () => {
    const same = await recover(await folded(), residualNet());
    expect(Buffer.compare(same.bytes, await folded())).toBe(0);
    expect(same.notes).toEqual(['0 of 5 layers changed, 5 were alike already']);
    const bytes = await pruned();
    const [a, b] = [await recover(bytes, residualNet()), await recover(bytes, residualNet())];
    expect(Buffer.compare(a.bytes, b.bytes)).toBe(0);
  });

  it('puts the shift of a matrix product into the Add behind it, channels being the last axis', async () => {
    const net = (seed: number): Uint8Array =>
      modelOf({
        nodes: [makeNode('MatMul', ['x', 'w'], ['h'], {}, { name: 'product' }), makeNode('Add', ['h', 'b'], ['y'])],
        inputs: [{ name: 'x', dims: ['N', 3, 8, 8] }],
        outputs: [{ name: 'y', dims: ['N', 3, 8, 5] }],
        initializers: [randomWeight('w', [8, 5], seed), randomWeight('b', [5], 2)],
      });
    const { bytes } = await recover(net(9), net(1));
    const last = { kind: 'channels', tensor: 'y', axis: 'last' } as const;
    const [[ours], [theirs]] = [
      await host.statistics(bytes, calibration, [last]),
      await host.statistics(net(1), calibration, [last]),
    ];
    const [a, b] = [ours, theirs] as { mean: Float32Array; deviation: Float32Array }[];
    expect([...a!.mean]).toEqual([...b!.mean].map((v) => expect.closeTo(v, 3)));
    expect([...a!.deviation]).toEqual([...b!.deviation].map((v) => expect.closeTo(v, 3)));
  });

  it('leaves a sum with a computed branch behind a matrix product alone: only its gain is matched', async () => {
    const net = (seed: number): Uint8Array =>
      modelOf({
        nodes: [
          makeNode('MatMul', ['x', 'w'], ['h'], {}, { name: 'product' }),
          makeNode('Relu', ['h2'], ['r']),
          makeNode('Add', ['h', 'r'], ['y']),
        ].toSpliced(1, 0, makeNode('MatMul', ['x', 'v'], ['h2'], {}, { name: 'branch' })),
        inputs: [{ name: 'x', dims: ['N', 3, 8, 8] }],
        outputs: [{ name: 'y', dims: ['N', 3, 8, 5] }],
        initializers: [randomWeight('w', [8, 5], seed), randomWeight('v', [8, 5], 4)],
      });
    const { graph } = await recover(net(9), net(1));
    expect(graph.body.node.map(({ opType }) => opType)).toEqual(['MatMul', 'MatMul', 'Relu', 'Add']);
  });

  it('refuses, naming a node, where no layer has a counterpart', async () => {
    const other = modelOf({
      nodes: [makeNode('Gemm', ['x', 'w'], ['other'], {}, { name: 'head' })],
      inputs: [{ name: 'x', dims: ['N', 3] }],
      outputs: [{ name: 'other', dims: ['N', 2] }],
      initializers: [randomWeight('w', [3, 2], 1)],
    });
    await expect(recover(other, residualNet())).rejects.toMatchObject({
      code: 'pass.not-applicable',
      details: { node: 'head' },
    });
    const none = modelOf({
      nodes: [makeNode('Relu', ['x'], ['y'], {}, { name: 'relu' })],
      inputs: [{ name: 'x', dims: ['N', 3, 8, 8] }],
      outputs: [{ name: 'y', dims: ['N', 3, 8, 8] }],
    });
    await expect(recover(none, none)).rejects.toMatchObject({ code: 'pass.not-applicable', details: { node: 'relu' } });
  });
});
