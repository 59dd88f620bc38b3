import { afterAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { hoistConstants, readGraph, withOutputs } from './graph.js';
import { createHost } from './host.js';
import { layersOf } from './layers.js';
import { makeNode } from './node.js';
import { leadingTo } from './prune/merge.js';
import { biasFor, factorColumns, gramOfLayer, sweepColumns, sweepLayer } from './second-order.js';
import { shapesOf } from './shapes.js';
import { modelOf, randomFloats, randomPack, randomWeight } from './testing/models.js';

const host = createHost();
afterAll(() => host.close());
// A dozen runs of a model in a child process: long on a busy machine.
jest.setTimeout(60_000);

/** X^T X / rows of windows whose values depend on one another. */
function covarianceOf(columns: number, seed: number): Float64Array {
  const rows = columns * 4;
  const x = randomFloats(rows * columns, seed);
  for (let k = 0; k < x.length; k++) if (k % columns > 0) x[k] = x[k]! + 0.7 * x[k - 1]!;
  const sum = new Float64Array(columns * columns);
  for (let r = 0; r < rows; r++)
    for (let i = 0; i < columns; i++)
      for (let j = 0; j < columns; j++) sum[i * columns + j]! += (x[r * columns + i]! * x[r * columns + j]!) / rows;
  return sum;
}

/** Sum over outputs of (a - b) C (a - b)^T. */
function errorOf(a: Float64Array, b: Float64Array, covariance: Float64Array, columns: number): number {
  let sum = 0;
  for (let o = 0; o < a.length; o += columns)
    for (let i = 0; i < columns; i++)
      for (let j = 0; j < columns; j++)
        sum += (a[o + i]! - b[o + i]!) * covariance[i * columns + j]! * (a[o + j]! - b[o + j]!);
  return sum;
}

const toGrid = (step: number) => (_column: number, values: Float64Array) =>
  values.map((v) => Math.round(v / step) * step);

describe('sweepColumns', () => {
  it('is exact least squares where later columns are free', () => {
    // Column 0 becomes zero; the best answer of the others is w1 + w0 H01/H11 where there are two.
    const covariance = Float64Array.of(2, 1, 1, 3);
    const made = sweepColumns(Float64Array.of(6, 5), factorColumns(covariance, 2, 0), (column, values) =>
      column === 0 ? values.map(() => 0) : values,
    );
    expect([...made]).toEqual([0, expect.closeTo(5 + 6 / 3, 6)]);
  });

  it('finds what trying every answer of the last columns finds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 2, max: 6 }), (seed, columns) => {
        const covariance = covarianceOf(columns, seed);
        const weight = Float64Array.from(randomFloats(columns, seed + 1));
        const fixed = Math.floor(columns / 2);
        const made = sweepColumns(weight, factorColumns(covariance, columns, 1e-9), (column, values) =>
          column < fixed ? values.map(() => 0) : values,
        );
        const least = errorOf(made, weight, covariance, columns);
        for (let i = fixed; i < columns; i++) {
          for (const by of [-0.01, 0.01]) {
            const moved = made.slice();
            moved[i] = moved[i]! + by;
            expect(errorOf(moved, weight, covariance, columns)).toBeGreaterThan(least);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it('says what each decision costs, and costs less than plain rounding', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 8, max: 24 }), (seed, columns) => {
        const covariance = covarianceOf(columns, seed);
        const weight = Float64Array.from(randomFloats(16 * columns, seed + 1));
        let told = 0;
        const made = sweepColumns(weight, factorColumns(covariance, columns, 1e-9), (column, values, cost) => {
          const next = toGrid(0.5)(column, values);
          next.forEach((v, o) => {
            told += cost * (v - values[o]!) ** 2;
          });
          return next;
        });
        const error = errorOf(made, weight, covariance, columns);
        expect(told).toBeCloseTo(error, 4);
        expect(error).toBeLessThan(errorOf(toGrid(0.5)(0, weight), weight, covariance, columns));
      }),
      { numRuns: 50 },
    );
  });

  it('leaves a weight alone where nothing is changed, and gets through dead columns', () => {
    const covariance = Float64Array.of(1, 0, 1, 0, 0, 0, 1, 0, 1);
    const weight = Float64Array.of(1, 2, 3, -1, -2, -3);
    const made = sweepColumns(weight, factorColumns(covariance, 3), (_column, values) => values);
    expect(made).toEqual(weight);
    const rounded = sweepColumns(weight, factorColumns(covariance, 3), toGrid(2));
    expect([...rounded].every((v) => Number.isFinite(v) && v % 2 === 0)).toBe(true);
  });
});

describe('gramOfLayer', () => {
  const windows = { kernel_shape: [3n, 3n], pads: [1n, 1n, 1n, 1n] };
  const net = (): Uint8Array =>
    modelOf({
      nodes: [
        makeNode('Conv', ['x', 'w1', 'b1'], ['c'], windows, { name: 'whole' }),
        makeNode('Conv', ['c', 'w2', 'b2'], ['d'], { ...windows, group: 4 }, { name: 'grouped' }),
        makeNode('Conv', ['d', 'w3'], ['e'], { ...windows, group: 8 }, { name: 'depthwise' }),
        makeNode('Transpose', ['e'], ['t'], { perm: [0n, 2n, 3n, 1n] }),
        makeNode('MatMul', ['t', 'w4'], ['y'], {}, { name: 'rows' }),
      ],
      inputs: [{ name: 'x', dims: ['N', 3, 6, 6] }],
      outputs: [{ name: 'y', dims: ['N', 6, 6, 5] }],
      initializers: [
        randomWeight('w1', [8, 3, 3, 3], 1),
        randomWeight('b1', [8], 2),
        randomWeight('w2', [8, 2, 3, 3], 3),
        randomWeight('b2', [8], 4),
        randomWeight('w3', [8, 1, 3, 3], 5),
        randomWeight('w4', [8, 5], 6),
      ],
    });

  it('predicts the error of a change in every kind of layer', async () => {
    const calibration = randomPack(16, [3, 6, 6]);
    for (const name of ['whole', 'grouped', 'depthwise', 'rows']) {
      const graph = readGraph(net());
      hoistConstants(graph);
      const shapes = new Map(
        (
          await shapesOf(graph, calibration, {
            host,
            source: net(),
            report: () => undefined,
            progress: () => undefined,
          })
        ).map((s) => [s.tensor, s.dims]),
      );
      const layer = layersOf(graph).find((l) => l.node.name === name)!;
      const moments = (await gramOfLayer(graph, layer, shapes, calibration, { host }))!;
      const { weight, bias } = sweepLayer(layer, moments, toGrid(0.25));
      expect(bias).toEqual(biasFor(layer, moments, weight));
      const perGroup = layer.outputs / moments.groups;
      let predicted = 0;
      for (let g = 0; g < moments.groups; g++) {
        const part = (all: Float64Array) =>
          all.subarray(g * perGroup * layer.columns, (g + 1) * perGroup * layer.columns);
        const block = moments.covariance.subarray(g * layer.columns ** 2, (g + 1) * layer.columns ** 2);
        predicted += errorOf(part(weight), part(layer.weight), block, layer.columns);
      }
      const output = layer.node.output[0]!;
      const values = async (): Promise<Float32Array> =>
        (await host.outputs(withOutputs(leadingTo(graph, [output]), [output]), calibration)).data;
      const before = await values();
      layer.write(graph, weight, bias);
      const after = await values();
      const positions = before.length / layer.outputs;
      const real = before.reduce((sum, v, i) => sum + (v - after[i]!) ** 2, 0) / positions;
      expect(real / predicted).toBeCloseTo(1, 3);
    }
  });
});
