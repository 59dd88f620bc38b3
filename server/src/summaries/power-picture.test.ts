import { type Observations, PowerDocument, type Sensor } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { powerPicture } from './power-picture.js';
import { batch, marked } from './testing/batches.js';

const meter: Sensor = {
  id: 'ppk2/1',
  driver: 'ppk2',
  quantity: 'power',
  scope: 'dut-vdd',
  kind: 'averaged',
  total: true,
};
/** Intervals of 10 ms from `from` on. */
const power = (watts: readonly number[], from = 0, sensor = 0): Observations =>
  batch('power', 0, {
    sensor: watts.map(() => sensor),
    start_ms: watts.map((_, i) => from + 10 * i),
    end_ms: watts.map((_, i) => from + 10 * (i + 1)),
    mean_w: [...watts],
    min_w: watts.map((w) => w / 2),
    max_w: watts.map((w) => w * 2),
  });
const readings = (rows: ReadonlyArray<readonly [sensor: number, at: number, value: number]>): Observations =>
  batch('reading', 0, {
    sensor: rows.map(([sensor]) => sensor),
    before_ms: rows.map(([, at]) => at - 1),
    after_ms: rows.map(([, at]) => at + 1),
    value: rows.map(([, , value]) => value),
  });

describe('picture of the power', () => {
  it('[ENERGY-12] has at most so many buckets, keeps the extremes, and its mean is that of all', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.001, max: 100, noNaN: true }), { minLength: 1, maxLength: 400 }),
        fc.integer({ min: 1, max: 50 }),
        (watts, mostBuckets) => {
          const { atMs, minW, meanW, maxW, rows } = powerPicture({
            batches: [power(watts, 5000)],
            sensors: [meter],
            mostBuckets,
          });
          expect(rows).toBe(watts.length);
          expect(atMs.length).toBeLessThanOrEqual(mostBuckets);
          expect(Math.min(...minW)).toBe(Math.min(...watts) / 2);
          expect(Math.max(...maxW)).toBe(Math.max(...watts) * 2);
          expect(atMs).toEqual([...atMs].sort((a, b) => a - b));
          for (const [i, mean] of meanW.entries()) {
            expect(mean).toBeGreaterThanOrEqual(minW[i]!);
            expect(mean).toBeLessThanOrEqual(maxW[i]!);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('[ENERGY-12] has the windows between marks, on one clock with the power, and which of them a fault lies in', () => {
    const picture = powerPicture({
      batches: [
        power(new Array(20).fill(1), 1000),
        marked(0, [
          ['loop-start', 1060],
          ['fault', 1070],
          ['loop-end', 1100],
          ['idle-start', 1010],
          ['idle-end', 1050],
        ]),
        marked(1, [
          ['loop-start', 1110],
          ['loop-end', 1150],
          ['load-start', 1160],
        ]),
      ],
      sensors: [meter, { ...meter, id: 'heat', quantity: 'temperature' }],
      mostBuckets: 2000,
    });
    expect(PowerDocument.parse(picture)).toEqual(picture);
    expect(picture.windows).toEqual([
      { what: 'idle', block: 0, fromMs: 10, toMs: 50, whole: true },
      { what: 'loop', block: 0, fromMs: 60, toMs: 100, whole: false },
      { what: 'loop', block: 1, fromMs: 110, toMs: 150, whole: true },
    ]);
    expect([picture.faultsMs, picture.sensors.map(({ id }) => id), picture.atMs[0]]).toEqual([[70], ['ppk2/1'], 5]);
  });

  it('[ENERGY-12] of counters it shows the power between two readings; what started anew is a hole', () => {
    const rapl: Sensor = {
      ...meter,
      id: 'rapl',
      driver: 'rapl',
      quantity: 'energy',
      scope: 'package',
      kind: 'counter',
    };
    const rows = [
      [0, 100, 98],
      [0, 200, 99],
      [0, 300, 1],
    ] as const;
    const shown = (sensor: Sensor) => powerPicture({ batches: [readings(rows)], sensors: [sensor], mostBuckets: 9 });
    expect(shown({ ...rapl, wrapsAt: 100 })).toMatchObject({ atMs: [50, 150], meanW: [10, 20], gapMs: 800 });
    expect(shown(rapl)).toMatchObject({ atMs: [50], meanW: [10] });
    const polled = { ...meter, driver: 'shelly', scope: 'wall' } as const;
    expect(shown({ ...polled, kind: 'sampled' })).toMatchObject({ atMs: [0, 100, 200], meanW: [98, 99, 1] });
    expect(shown(polled)).toMatchObject({ meanW: [99, 1], rows: 2 });
  });

  it('[ENERGY-12] adds the parts of one supply, where each of them tells', () => {
    const rail = (id: string): Sensor => ({ ...meter, id, driver: 'ina3221', scope: 'rail', kind: 'sampled' });
    const rows = Array.from({ length: 40 }, (_, i) => [
      [0, 100 * i, 1] as const,
      // The second falls silent in the middle.
      ...(i < 10 || i > 30 ? [[1, 100 * i + 3, 2] as const] : []),
    ]).flat();
    const { meanW, atMs, gapMs } = powerPicture({
      batches: [readings(rows)],
      sensors: [rail('a'), rail('b')],
      mostBuckets: 2000,
    });
    expect(new Set(meanW)).toEqual(new Set([3]));
    const steps = atMs.slice(1).map((at, i) => at - atMs[i]!);
    expect(steps.filter((step) => step > gapMs)).toHaveLength(1);
  });

  it('[ENERGY-12] without a power sensor there is nothing but the marks', () => {
    const empty = { sensors: [], rows: 0, atMs: [], minW: [], meanW: [], maxW: [], windows: [], faultsMs: [] };
    expect(powerPicture({ batches: [], sensors: [], mostBuckets: 10 })).toEqual({ ...empty, gapMs: 20 });
    expect(powerPicture({ batches: [], sensors: [meter], mostBuckets: 10 })).toMatchObject({ atMs: [], rows: 0 });
  });
});
