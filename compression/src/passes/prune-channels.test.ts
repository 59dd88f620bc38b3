import { afterAll, describe, expect, it } from '@jest/globals';
import { readGraph } from '../graph.js';
import { createHost } from '../host.js';
import { makeNode } from '../node.js';
import type { PassParameters } from '../pass.js';
import { dimsOf, float32Tensor, floatsOf } from '../tensor.js';
import { applyPass } from '../testing/apply-pass.js';
import { modelOf, randomFloats, randomPack, randomWeight, residualNet } from '../testing/models.js';
import { optimize } from './optimize.js';
import { pruneChannels } from './prune-channels.js';

const host = createHost();
afterAll(() => host.close());

const apply = (bytes: Uint8Array, dims: readonly number[], given: PassParameters = {}) =>
  applyPass(pruneChannels, bytes, given, { host, calibration: randomPack(64, dims) });

const shapeOf = (graph: ReturnType<typeof readGraph>, output: string): number[] => {
  const node = graph.body.node.find((n) => n.output[0] === output)!;
  return dimsOf(graph.body.initializer.find((t) => t.name === node.input[1])!);
};
/** Squared error of the first output, relative to its square, on data the pass has not seen. */
async function error(a: Uint8Array, b: Uint8Array, dims: readonly number[]): Promise<number> {
  const pack = randomPack(32, dims, 99);
  const [before, after] = [(await host.outputs(a, pack)).data, (await host.outputs(b, pack)).data];
  return before.reduce((sum, v, i) => sum + (v - after[i]!) ** 2, 0) / before.reduce((sum, v) => sum + v * v, 0);
}

/** Two 1x1 convolutions; half of the channels between them repeat the other half. */
function redundant(): Uint8Array {
  const half = randomFloats(8 * 4, 1);
  return modelOf({
    nodes: [makeNode('Conv', ['x', 'a'], ['h']), makeNode('Relu', ['h'], ['r']), makeNode('Conv', ['r', 'b'], ['y'])],
    inputs: [{ name: 'x', dims: ['N', 4, 5, 5] }],
    outputs: [{ name: 'y', dims: ['N', 6, 5, 5] }],
    initializers: [
      float32Tensor('a', [16, 4, 1, 1], Float32Array.of(...half, ...half.map((v) => v * 2))),
      randomWeight('b', [6, 16, 1, 1], 2),
    ],
  });
}

describe('prune-channels', () => {
  it('finds the channels that others stand in for and loses nothing', async () => {
    const bytes = redundant();
    const { graph, bytes: small, notes } = await apply(bytes, [4, 5, 5], { ratio: 0.5 });
    expect([shapeOf(graph, 'h'), shapeOf(graph, 'y')]).toEqual([
      [8, 4, 1, 1],
      [6, 8, 1, 1],
    ]);
    expect(await error(bytes, small, [4, 5, 5])).toBeLessThan(1e-3);
    expect(notes).toEqual(['8 of 16 channels removed in 1 groups of layers; 2 layers refitted']);
  });

  it('cuts a residual net with depthwise and concatenated layers in all the right places', async () => {
    const bytes = (await applyPass(optimize, residualNet(), {}, { host })).bytes;
    const { graph, bytes: small } = await apply(bytes, [3, 8, 8], { ratio: 0.5 });
    expect(['n1', 'n2', 'd', 'p', 'y'].map((output) => shapeOf(graph, output).slice(0, 2))).toEqual([
      [8, 3],
      [8, 8],
      [8, 1],
      [16, 8],
      [5, 24],
    ]);
    expect(await error(bytes, small, [3, 8, 8])).toBeLessThan(0.5);
  });

  it('recovers better by regression than by moments, and by moments than not at all', async () => {
    const bytes = (await applyPass(optimize, residualNet(), {}, { host })).bytes;
    const errors: number[] = [];
    for (const recover of ['least-squares', 'mean-std', 'none']) {
      const { bytes: small } = await apply(bytes, [3, 8, 8], { ratio: 0.25, multiple: 4, recover });
      errors.push(await error(bytes, small, [3, 8, 8]));
    }
    expect([...errors].sort((a, b) => a - b)).toEqual(errors);
  });

  it('removes the smallest filters by norm', async () => {
    const rows = [3, 1, 4, 0.5].flatMap((size) => [size, size, size, size]);
    const bytes = modelOf({
      nodes: [makeNode('Conv', ['x', 'a'], ['h']), makeNode('Conv', ['h', 'b'], ['y'])],
      inputs: [{ name: 'x', dims: ['N', 4, 5, 5] }],
      outputs: [{ name: 'y', dims: ['N', 2, 5, 5] }],
      initializers: [float32Tensor('a', [4, 4, 1, 1], Float32Array.from(rows)), randomWeight('b', [2, 4, 1, 1], 2)],
    });
    for (const criterion of ['l1', 'l2']) {
      const { graph } = await apply(bytes, [4, 5, 5], { ratio: 0.5, criterion, recover: 'none' });
      expect([...floatsOf(graph.body.initializer.find((t) => t.name === 'a')!)!]).toEqual([3, 3, 3, 3, 4, 4, 4, 4]);
    }
  });

  it('refuses a model without a channel to spare, by name', async () => {
    const bytes = modelOf({
      nodes: [makeNode('Conv', ['x', 'a'], ['y'], {}, { name: 'only' })],
      inputs: [{ name: 'x', dims: ['N', 4, 5, 5] }],
      outputs: [{ name: 'y', dims: ['N', 4, 5, 5] }],
      initializers: [randomWeight('a', [4, 4, 1, 1], 1)],
    });
    await expect(apply(bytes, [4, 5, 5])).rejects.toEqual(
      expect.objectContaining({ code: 'pass.not-applicable', details: expect.objectContaining({ node: 'only' }) }),
    );
  });
});
