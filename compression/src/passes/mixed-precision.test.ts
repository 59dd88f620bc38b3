import type { TensorPack } from '@hilltop/contracts';
import { afterAll, describe, expect, it } from '@jest/globals';
import { linksOf, readGraph, writeGraph } from '../graph.js';
import { createHost } from '../host.js';
import { makeNode, type Node } from '../node.js';
import type { PassParameters } from '../pass.js';
import { dimsOf, float32Tensor, floatsOf } from '../tensor.js';
import { applyPass } from '../testing/apply-pass.js';
import { modelOf, randomFloats, randomPack, randomWeight } from '../testing/models.js';
import { mixedPrecision } from './mixed-precision.js';
import { quantizeStatic } from './quantize-static.js';

const host = createHost();
afterAll(() => host.close());

/** Four convolutions and a head; the third is badly scaled, so that one scale for all of its weights leaves little of it. */
function uneven(names: readonly string[] = ['one', 'two', 'three', 'four']): Uint8Array {
  const conv = (i: number, input: string, output: string): Node =>
    makeNode('Conv', [input, `w${i}`], [output], { pads: [1n, 1n, 1n, 1n] }, { name: names[i]! });
  const scaled = (name: string, seed: number, axis: number, sign: 1 | -1) => {
    const weight = randomWeight(name, [8, 8, 3, 3], seed);
    const factors = randomFloats(8, 9).map((v) => 300 ** (sign * v));
    return float32Tensor(
      name,
      dimsOf(weight),
      floatsOf(weight)!.map((v, i) => v * factors[Math.floor(i / (axis === 0 ? 72 : 9)) % 8]!),
    );
  };
  return modelOf({
    nodes: [
      conv(0, 'x', 'a'),
      makeNode('Relu', ['a'], ['ar']),
      conv(1, 'ar', 'b'),
      makeNode('Relu', ['b'], ['br']),
      conv(2, 'br', 'c'),
      makeNode('PRelu', ['c', 'scale'], ['cr']),
      conv(3, 'cr', 'd'),
      makeNode('Flatten', ['d'], ['f']),
      makeNode('Gemm', ['f', 'wh'], ['y'], { transB: 1 }, { name: 'head' }),
    ],
    inputs: [{ name: 'x', dims: ['N', 8, 6, 6] }],
    outputs: [{ name: 'y', dims: ['N', 8] }],
    initializers: [
      randomWeight('w0', [8, 8, 3, 3], 1),
      randomWeight('w1', [8, 8, 3, 3], 2),
      scaled('w2', 3, 0, 1),
      float32Tensor('scale', [1], Float32Array.of(0.1)),
      scaled('w3', 4, 1, -1),
      randomWeight('wh', [8, 288], 5),
    ],
  });
}

const dims = [8, 6, 6];
const calibration = randomPack(48, dims, 1);
const validation = randomPack(200, dims, 50);
/** The fp32 model's own classes as labels: it is always right. */
async function labelled(bytes: Uint8Array): Promise<TensorPack> {
  return { ...validation, labels: (await host.evaluate(bytes, validation)).predicted, classes: 8 };
}
const apply = (bytes: Uint8Array, given: PassParameters = {}, data: { validation?: TensorPack } = { validation }) =>
  applyPass(mixedPrecision, bytes, { 'per-channel': false, ...given }, { host, calibration, ...data });
const floatLayers = (bytes: Uint8Array): string[] => {
  const graph = readGraph(bytes);
  const { producer } = linksOf(graph);
  return graph.body.node
    .filter((n) => n.opType === 'Conv' && producer.get(n.input[1]!) === undefined)
    .map((n) => n.name);
};
const agreement = async (a: Uint8Array, b: Uint8Array): Promise<number> => {
  const [x, y] = [await host.evaluate(a, validation), await host.evaluate(b, validation)];
  return x.predicted.filter((c, i) => c === y.predicted[i]).length / validation.items;
};

describe('mixed-precision', () => {
  it('quantizes everything where the budget allows it, to the bytes of quantize-static', async () => {
    const bytes = uneven();
    const { bytes: made, notes } = await apply(bytes, { budget: 100 });
    const plain = await applyPass(quantizeStatic, bytes, { 'per-channel': false }, { host, calibration });
    expect(Buffer.compare(made, plain.bytes)).toBe(0);
    expect(notes.at(-1)).toContain('5 of 5 layers in 8 bits');
  });

  it('keeps the sensitive layers float, and only those, until the budget holds', async () => {
    const bytes = uneven();
    const all = await apply(bytes, { budget: 100 });
    expect(await agreement(bytes, all.bytes)).toBeLessThan(0.9);
    const { bytes: made, notes } = await apply(bytes, { measure: 'agreement', budget: 5 });
    expect(await agreement(bytes, made)).toBeGreaterThanOrEqual(0.95);
    const floats = floatLayers(made);
    expect(floats.length).toBeGreaterThan(0);
    expect(floats.every((name) => ['three', 'four'].includes(name))).toBe(true);
    expect(notes.filter((note) => note.startsWith('kept float: '))).toHaveLength(1);
    for (const name of floats) expect(notes.join()).toMatch(new RegExp(`${name} \\(-?[0-9.]+ dB\\)`));
  });

  it('counts accuracy where there are labels, and says so where there are none', async () => {
    const bytes = uneven();
    const withLabels = await apply(bytes, { budget: 5 }, { validation: await labelled(bytes) });
    expect(withLabels.notes.join()).toContain('of accuracy');
    expect(withLabels.notes.join()).not.toContain('judged by');
    const without = await apply(bytes, { budget: 5 });
    expect(without.notes[0]).toContain('judged by agreement');
    // fp32 is always right here: accuracy and agreement are one.
    expect(Buffer.compare(withLabels.bytes, without.bytes)).toBe(0);
  });

  it('holds a least signal to noise', async () => {
    const bytes = uneven();
    const { bytes: made } = await apply(bytes, { measure: 'sqnr', 'least-db': 25 });
    const [before, after] = [(await host.outputs(bytes, validation)).data, (await host.outputs(made, validation)).data];
    const noise = before.reduce((sum, v, i) => sum + (v - after[i]!) ** 2, 0);
    expect(10 * Math.log10(before.reduce((sum, v) => sum + v * v, 0) / noise)).toBeGreaterThanOrEqual(25);
  });

  it('refuses a budget it cannot hold, naming the most sensitive layer', async () => {
    const refusal = expect.objectContaining({
      code: 'pass.not-applicable',
      details: expect.objectContaining({ pass: 'mixed-precision', node: expect.stringMatching(/three|four/) }),
    });
    await expect(apply(uneven(), { measure: 'sqnr', 'least-db': 120 })).rejects.toEqual(refusal);
    await expect(apply(uneven(), { budget: 0, 'max-float': 0 })).rejects.toEqual(refusal);
  });

  it('compares with the model before the first step, not with what earlier steps made of it', async () => {
    const bytes = uneven();
    const other = readGraph(bytes);
    other.body.initializer[0] = randomWeight('w0', [8, 8, 3, 3], 77);
    const spoilt = applyPass(
      mixedPrecision,
      writeGraph(other),
      { measure: 'sqnr', 'least-db': 20 },
      { host, calibration, validation, source: bytes },
    );
    await expect(spoilt).rejects.toEqual(
      expect.objectContaining({ code: 'pass.not-applicable', message: expect.stringContaining('before this step') }),
    );
  });

  it.each([
    ['missing', ['', '', '', '']],
    ['partly missing', ['', 'layer 0', '', 'layer 2']],
  ])('copes with names that are %s', async (_title, names) => {
    const { bytes: made, notes } = await apply(uneven(names), { measure: 'agreement', budget: 5 });
    const nodes = readGraph(made).body.node.filter((n) => n.opType === 'Conv');
    expect(nodes.map((n) => n.name)).toEqual(names);
    // Under other names the same layers stay float.
    const usual = await apply(uneven(), { measure: 'agreement', budget: 5 });
    const floats = (bytes: Uint8Array) =>
      readGraph(bytes)
        .body.initializer.filter((t) => t.dims.length === 4 && floatsOf(t))
        .map((t) => t.name);
    expect(floats(made)).toEqual(floats(usual.bytes));
    expect(notes.join()).toContain('kept float');
  });

  it('leaves out what it is told to, besides', async () => {
    const { bytes: made } = await apply(uneven(), { budget: 100, 'exclude-nodes': ['one'] });
    expect(floatLayers(made)).toEqual(['one']);
    const nameless = await apply(uneven(['', 'two', '', '']), { budget: 100, 'exclude-nodes': ['a', 'two'] });
    expect(floatLayers(nameless.bytes)).toEqual(['', 'two']);
    await expect(apply(uneven(), { 'exclude-nodes': ['none'] })).rejects.toEqual(
      expect.objectContaining({
        code: 'pass.not-applicable',
        details: expect.objectContaining({ pass: 'mixed-precision', node: 'none' }),
      }),
    );
  });

  it('gives the same bytes every time', async () => {
    const once = await apply(uneven(), { measure: 'agreement', budget: 5 });
    const again = await apply(uneven(), { measure: 'agreement', budget: 5 });
    expect(Buffer.compare(once.bytes, again.bytes)).toBe(0);
  });

  it('tells how far it is and stops when it is told to', async () => {
    const fractions: number[] = [];
    const cancel = new AbortController();
    const parameters = Object.fromEntries(
      Object.entries(mixedPrecision.parameters).map(([name, spec]) => [name, spec.default]),
    );
    const run = mixedPrecision.apply(
      readGraph(uneven()),
      { ...parameters, 'per-channel': false, measure: 'sqnr', 'least-db': 120 },
      {
        host,
        source: uneven(),
        calibration,
        validation,
        signal: cancel.signal,
        report: () => undefined,
        progress: (fraction) => {
          fractions.push(fraction);
          if (fraction > 0.5) cancel.abort();
        },
      },
    );
    await expect(run).rejects.toEqual(expect.objectContaining({ code: 'run.cancelled' }));
    expect(fractions.length).toBeGreaterThan(3);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  });

  it('needs validation data, and something to quantize', async () => {
    await expect(apply(uneven(), {}, {})).rejects.toEqual(expect.objectContaining({ code: 'data.missing' }));
    const bytes = modelOf({
      nodes: [makeNode('Relu', ['x'], ['y'], {}, { name: 'only' })],
      inputs: [{ name: 'x', dims: ['N', 8, 6, 6] }],
      outputs: [{ name: 'y', dims: ['N', 8, 6, 6] }],
    });
    await expect(apply(bytes)).rejects.toEqual(
      expect.objectContaining({
        code: 'pass.not-applicable',
        details: expect.objectContaining({ pass: 'mixed-precision', node: 'only' }),
      }),
    );
  });
});
