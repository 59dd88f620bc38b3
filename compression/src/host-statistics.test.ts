import { describe, expect, it } from '@jest/globals';
import { samplePositions } from './gram-fold.js';
import type { StatisticRequest } from './host-messages.js';
import { type BatchTensor, createFold, type TransposedProduct } from './host-statistics.js';
import { randomFloats } from './testing/models.js';

const product: TransposedProduct = async (a, b, rows) => {
  const [n, m] = [a.length / rows, b.length / rows];
  const out = new Float32Array(n * m);
  for (let r = 0; r < rows; r++)
    for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) out[i * m + j]! += a[r * n + i]! * b[r * m + j]!;
  return out;
};

async function fold(request: StatisticRequest, batches: readonly (readonly BatchTensor[])[]) {
  const made = createFold(request, product);
  for (let pass = 0; pass < made.passes; pass++) {
    let from = 0;
    for (const batch of batches) {
      await made.add(pass, batch, batch[0]!.dims[0]!, from);
      from += batch[0]!.dims[0]!;
    }
  }
  return await made.result();
}
const tensor = (dims: number[], seed: number): BatchTensor => ({
  dims,
  data: randomFloats(
    dims.reduce((p, d) => p * d, 1),
    seed,
  ),
});

describe('range', () => {
  it('is the lowest and highest value of all batches', async () => {
    const batches = [
      [{ dims: [2, 2], data: Float32Array.of(1, -3, 2, 0) }],
      [{ dims: [1, 2], data: Float32Array.of(7, 0) }],
    ];
    expect(await fold({ kind: 'range', tensor: 't' }, batches)).toEqual({
      kind: 'range',
      tensor: 't',
      low: -3,
      high: 7,
    });
  });

  it('leaves outliers out by percentile and keeps an end that lost nothing', async () => {
    const data = Float32Array.from({ length: 10_000 }, (_, i) => (i < 5000 ? 0 : (i % 100) / 100));
    data[9999] = 1000;
    const seen = await fold({ kind: 'range', tensor: 't', percentile: 99.9 }, [[{ dims: [100, 100], data }]]);
    expect(seen).toMatchObject({ low: 0 });
    expect(seen.kind === 'range' && seen.high).toBeLessThan(2);
  });
});

describe('channels', () => {
  it('is mean and deviation along axis 1, or the last axis of a matrix', async () => {
    const data = Float32Array.of(1, 3, 10, 10, 5, 7, 30, 30);
    expect(await fold({ kind: 'channels', tensor: 't' }, [[{ dims: [2, 2, 2], data }]])).toEqual({
      kind: 'channels',
      tensor: 't',
      mean: Float32Array.of(4, 20),
      deviation: Float32Array.of(Math.sqrt(5), 10),
    });
    expect(
      await fold({ kind: 'channels', tensor: 't' }, [[{ dims: [2, 2], data: Float32Array.of(1, 2, 3, 4) }]]),
    ).toMatchObject({ mean: Float32Array.of(2, 3) });
  });
});

describe('gram', () => {
  const point = { kernel: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1] } as const;

  it('pairs a window with the target at its position, less the other branch', async () => {
    const x = { dims: [1, 1, 3, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9) };
    const y = { dims: [1, 2, 2, 2], data: Float32Array.of(0, 0, 0, 0, 10, 20, 30, 40) };
    const other = { dims: [1, 1, 2, 2], data: Float32Array.of(1, 1, 1, 1) };
    const seen = await fold(
      {
        kind: 'gram',
        tensor: 'x',
        geometry: { ...point, kernel: [2, 2], strides: [2, 2], pads: [1, 1, 0, 0] },
        perItem: 9,
        target: { tensor: 'y', channels: [1], minus: 'o' },
      },
      [[x, y, other]],
    );
    // Windows over the padded 4 x 4: [0 0 0 1], [0 0 2 3], [0 4 0 7], [5 6 8 9].
    expect(seen).toMatchObject({
      rows: 4,
      columns: 4,
      targets: 1,
      sums: Float64Array.of(5, 10, 10, 20),
      targetSums: Float64Array.of(96),
      cross: Float64Array.of(5 * 39, 4 * 29 + 6 * 39, 2 * 19 + 8 * 39, 1 * 9 + 3 * 19 + 7 * 29 + 9 * 39),
    });
    expect(seen.kind === 'gram' && seen.gram[5]).toBe(16 + 36);
  });

  it('does not depend on how items are batched', async () => {
    const whole = tensor([4, 3, 5, 5], 1);
    const parts = [0, 1, 2, 3].map((i) => [{ dims: [1, 3, 5, 5], data: whole.data.subarray(i * 75, (i + 1) * 75) }]);
    const request: StatisticRequest = { kind: 'gram', tensor: 'x', geometry: point, perItem: 6 };
    const [a, b] = [await fold(request, [[whole]]), await fold(request, parts)];
    expect(
      a.kind === 'gram' &&
        b.kind === 'gram' &&
        a.rows === 24 &&
        a.gram.every((v, i) => Math.abs(v - b.gram[i]!) < 1e-4),
    ).toBe(true);
  });

  it('is the same about a mean, group by group, and resolves variances far below it', async () => {
    const far = (dims: number[], seed: number): BatchTensor => {
      const { data } = tensor(dims, seed);
      return { dims, data: data.map((v) => 1000 + v) };
    };
    const batches = [1, 2, 3].map((seed) => [far([40, 4, 3, 3], seed), far([40, 2, 3, 3], seed + 9)]);
    for (const groups of [1, 2]) {
      const request: StatisticRequest = {
        kind: 'gram',
        tensor: 'x',
        geometry: point,
        perItem: 9,
        groups,
        target: { tensor: 'y', channels: [0, 1] },
      };
      const [plain, centred] = [await fold(request, batches), await fold({ ...request, centre: true }, batches)];
      if (plain.kind !== 'gram' || centred.kind !== 'gram') throw new Error('not a gram');
      for (const part of ['gram', 'cross', 'sums', 'targetSums'] as const) {
        expect(centred[part]).toHaveLength(plain[part].length);
        for (const [i, v] of centred[part].entries()) expect(v / plain[part][i]!).toBeCloseTo(1, 5);
      }
      // Values even in [-1, 1) about 1000: their variance is 1/3, a 3-millionth of their square.
      const { rows } = centred;
      expect(centred.gram[0]! / rows - (centred.sums[0]! / rows) ** 2).toBeCloseTo(1 / 3, 1);
    }
  });

  it('chooses positions by item and size alone, all different and in order', () => {
    const chosen = samplePositions(3, 1000, 50);
    expect(samplePositions(3, 1000, 50)).toEqual(chosen);
    expect(samplePositions(4, 1000, 50)).not.toEqual(chosen);
    expect(new Set(chosen).size).toBe(50);
    expect([...chosen].sort((a, b) => a - b)).toEqual(chosen);
    expect(samplePositions(0, 3, 50)).toEqual([0, 1, 2]);
  });
});
