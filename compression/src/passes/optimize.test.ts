import { afterAll, describe, expect, it } from '@jest/globals';
import { readGraph, writeGraph } from '../graph.js';
import { createHost } from '../host.js';
import { makeNode } from '../node.js';
import { float32Tensor } from '../tensor.js';
import { applyPass } from '../testing/apply-pass.js';
import { modelOf, residualNet } from '../testing/models.js';
import { optimize } from './optimize.js';

const host = createHost();
afterAll(() => host.close());

const apply = (bytes: Uint8Array) => applyPass(optimize, bytes, {}, { host });

describe('optimize', () => {
  it('fuses Conv and BatchNormalization and leaves no stray imports', async () => {
    const { graph, notes } = await apply(residualNet());
    expect(graph.body.node.filter((n) => n.opType === 'BatchNormalization')).toEqual([]);
    expect(graph.model.opsetImport).toMatchObject([{ domain: '', version: 13n }]);
    expect(notes).toEqual([]);
  });

  it('folds what is constant', async () => {
    const two = float32Tensor('', [4], Float32Array.of(2, 2, 2, 2));
    const { graph } = await apply(
      modelOf({
        nodes: [
          makeNode('Constant', [], ['c'], { value: two }),
          makeNode('Neg', ['c'], ['n']),
          makeNode('Add', ['x', 'n'], ['y']),
        ],
        inputs: [{ name: 'x', dims: [4] }],
        outputs: [{ name: 'y', dims: [4] }],
      }),
    );
    expect(graph.body.node.map((n) => n.opType)).toEqual(['Add']);
  });

  it('refuses an operator bound to one kind of processor, by name', async () => {
    const bound = readGraph(
      modelOf({
        nodes: [makeNode('ReorderInput', ['x'], ['y'], {}, { name: 'reorder', domain: 'com.microsoft.nchwc' })],
        inputs: [{ name: 'x', dims: [1, 16, 4, 4] }],
        outputs: [{ name: 'y', dims: [1, 16, 4, 4] }],
      }),
    );
    bound.model.opsetImport.push({ $typeName: 'onnx.OperatorSetIdProto', domain: 'com.microsoft.nchwc', version: 1n });
    await expect(apply(writeGraph(bound))).rejects.toEqual(
      expect.objectContaining({ code: 'pass.not-applicable', details: expect.objectContaining({ node: 'reorder' }) }),
    );
  });
});
