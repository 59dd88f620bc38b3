import { afterAll, describe, expect, it } from '@jest/globals';
import { readGraph, writeGraph } from './graph.js';
import { createHost } from './host.js';
import { makeNode, nodeName } from './node.js';
import { raiseOpset } from './opset.js';
import { quantizeStatic } from './passes/quantize-static.js';
import { DataType, float32Tensor } from './tensor.js';
import { applyPass } from './testing/apply-pass.js';
import { modelOf, randomPack, randomWeight } from './testing/models.js';
import { opsetCases } from './testing/opset-cases.js';
import { bodyModel, caseModel, casesModel, nodeModel } from './testing/opset-models.js';

const host = createHost();
afterAll(() => host.close());

const pack = randomPack(2, [2, 3, 4]);
const rank4 = new Map([['x', 4]]);

/** What a model gives when it has been raised. */
async function raised(bytes: Uint8Array, ranks: ReadonlyMap<string, number> = rank4) {
  const graph = readGraph(bytes);
  const stuck = raiseOpset(graph, ranks);
  expect(stuck && nodeName(stuck)).toBeUndefined();
  expect(graph.model.opsetImport).toMatchObject([{ version: 13n }]);
  return host.outputs(writeGraph(graph), pack);
}

/** The name of the node there is no way for. */
function stuckAt(bytes: Uint8Array): string | undefined {
  const stuck = raiseOpset(readGraph(bytes), rank4);
  return stuck && nodeName(stuck);
}

describe('raiseOpset', () => {
  it.each([7, 8, 9, 10, 11, 12])(
    'keeps what every operator of set %i gives',
    async (opset) => {
      const cases = opsetCases().filter((one) => one.from <= opset && opset <= one.to);
      const keeps = async (bytes: Uint8Array, ranks?: ReadonlyMap<string, number>): Promise<boolean> => {
        const [before, after] = [await host.outputs(bytes, pack), await raised(bytes, ranks)];
        // Bit for bit, NaN too.
        return Buffer.compare(Buffer.from(before.data.buffer), Buffer.from(after.data.buffer)) === 0;
      };
      const all = casesModel(cases, opset);
      expect((await host.outputs(all, pack)).perItem).toBeGreaterThan(cases.length);
      // Ranks are not always known.
      if ((await keeps(all)) && (await keeps(all, new Map()))) return;
      const changed: string[] = [];
      for (const one of cases) {
        const bytes = caseModel(one, opset);
        if (!(await keeps(bytes)) || !(await keeps(bytes, new Map()))) changed.push(one.title);
      }
      expect({ opset, changed }).toEqual({ opset, changed: [] });
      throw new Error('the operators change something together only');
    },
    60_000,
  );

  it.each(['If', 'Loop', 'Scan'] as const)('keeps what operators inside %s give', async (kind) => {
    for (let opset = kind === 'Scan' ? 9 : 7; opset <= 12; opset++) {
      const bytes = bodyModel(kind, opset);
      expect([opset, await raised(bytes)]).toEqual([opset, await host.outputs(bytes, pack)]);
    }
  });

  it('finds the scales of a Resize in a Constant node', async () => {
    const scales = makeNode('Constant', [], ['s'], { value: float32Tensor('', [4], Float32Array.of(1, 1, 2, 0.5)) });
    const bytes = nodeModel(makeNode('Resize', ['x', 's'], ['y']), 10);
    const graph = readGraph(bytes);
    graph.body.node.unshift(scales);
    const model = writeGraph(graph);
    expect(await raised(model)).toEqual(await host.outputs(model, pack));
  });

  it.each([7, 9, 10])('pads in double precision from set %i', async (opset) => {
    const graph = readGraph(nodeModel(makeNode('Cast', ['x'], ['d'], { to: DataType.DOUBLE }), opset));
    graph.body.node.push(
      makeNode('Pad', ['d'], ['p'], { pads: [0n, 0n, 1n, 0n, 0n, 0n, 0n, 1n] }),
      makeNode('Cast', ['p'], ['y'], { to: DataType.FLOAT }),
    );
    const model = writeGraph(graph);
    expect(await raised(model)).toEqual(await host.outputs(model, pack));
  });

  it.each([
    ['a Resize by computed scales', nodeModel(makeNode('Resize', ['x', 'x'], ['y'], {}, { name: 'zoom' }), 10), 'zoom'],
    ['Scan of set 8', bodyModel('Scan', 8), 'scan'],
    [
      'a BatchNormalization over positions',
      nodeModel(makeNode('BatchNormalization', ['x', 's', 's', 's', 's'], ['y'], { spatial: 0 }, { name: 'norm' }), 8),
      'norm',
    ],
    ['a mask that is read', nodeModel(makeNode('Dropout', ['x'], ['z', 'y'], {}, { name: 'drop' }), 9), 'drop'],
    ['operator set 6', nodeModel(makeNode('Relu', ['x'], ['y'], {}, { name: 'old' }), 6), 'old'],
  ])('names the node of %s, which has no newer form', (_title, bytes, name) => {
    expect(stuckAt(bytes)).toBe(name);
  });

  it.each([13, 14, 15, 16, 17, 18, 19, 20, 21])('leaves a model of set %i untouched', (opset) => {
    const bytes = nodeModel(makeNode('Relu', ['x'], ['y']), opset);
    const graph = readGraph(bytes);
    expect(raiseOpset(graph, rank4)).toBeUndefined();
    expect(Buffer.compare(writeGraph(graph), bytes)).toBe(0);
  });

  it.each(Array.from({ length: 15 }, (_, i) => i + 7))('lets one layer of set %i be quantized', async (opset) => {
    const bytes = modelOf({
      nodes: [makeNode('Conv', ['x', 'w'], ['y'], { pads: [1n, 1n, 1n, 1n] }, { name: 'conv' })],
      opset,
      irVersion: opset < 9 ? 4 : opset > 18 ? 10 : 7,
      inputs: [{ name: 'x', dims: ['N', 4, 6, 6] }],
      outputs: [{ name: 'y', dims: ['N', 8, 6, 6] }],
      initializers: [randomWeight('w', [8, 4, 3, 3], 1)],
    });
    const [calibration, items] = [randomPack(32, [4, 6, 6]), randomPack(8, [4, 6, 6], 9)];
    const { graph, bytes: small } = await applyPass(quantizeStatic, bytes, {}, { host, calibration });
    expect(Number(graph.model.opsetImport.find((o) => o.domain === '')!.version)).toBe(Math.max(13, opset));
    const [before, after] = [(await host.outputs(bytes, items)).data, (await host.outputs(small, items)).data];
    const noise = before.reduce((sum, v, i) => sum + (v - after[i]!) ** 2, 0);
    expect(10 * Math.log10(before.reduce((sum, v) => sum + v * v, 0) / noise)).toBeGreaterThan(25);
  });
});
