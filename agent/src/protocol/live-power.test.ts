import type { Sensor } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { LivePower } from './live-power.js';

const meter: Sensor = {
  id: 'ppk2/1',
  driver: 'ppk2',
  quantity: 'power',
  scope: 'dut-vdd',
  kind: 'averaged',
  total: true,
};
const rapl = (id: string): Sensor => ({
  ...meter,
  id,
  driver: 'rapl',
  quantity: 'energy',
  scope: 'package',
  kind: 'counter',
  wrapsAt: 1000,
});

describe('live power', () => {
  it('[ENERGY-5] is cut into buckets of 100 ms that keep the extremes; means are by time', () => {
    const live = new LivePower([meter]);
    live.interval(0, 5000, 5010, 1, 0.5, 2);
    live.interval(0, 5010, 5040, 2, 1, 9);
    expect(live.take()).toEqual([]);
    live.interval(0, 5100, 5110, 3, 3, 3);
    live.interval(0, 5450, 5460, 4, 4, 4);
    live.interval(0, 5500, 5510, 4, 4, 4);
    // Where nothing came there is no bucket, and the grid stays.
    expect(live.take()).toEqual([
      [0, 0.5, 1.75, 9],
      [100, 3, 3, 3],
      [400, 4, 4, 4],
    ]);
    expect(live.take()).toEqual([]);
  });

  it('[ENERGY-5] parts of one supply are added, a bucket lasts until each has told', () => {
    const live = new LivePower([rapl('a'), { ...meter, id: 'heat', quantity: 'temperature' }, rapl('b')]);
    live.reading(1, 0, 60);
    for (const [at, a, b] of [
      [0, 999, 10],
      [100, 1, 11],
      [250, 2.5, 14],
      [400, 4, 17],
    ] as const) {
      live.reading(0, at, a);
      live.reading(2, at, b);
    }
    // a: 20 W over its turn, then 10; b: 10 W, then 20.
    expect(live.take()).toEqual([
      [0, 30, 30, 30],
      [100, 30, 30, 30],
    ]);
    // One part alone is no sum.
    for (const [at, joules] of [
      [550, 5.5],
      [650, 6.5],
      [750, 7.5],
      [850, 8.5],
    ] as const)
      live.reading(0, at, joules);
    expect(live.take()).toEqual([[300, 30, 30, 30]]);
  });

  it('[ENERGY-5] a counter that starts anew, and what is no total, tell nothing', () => {
    const live = new LivePower([{ ...rapl('a'), wrapsAt: undefined } as unknown as Sensor, { ...meter, total: false }]);
    live.reading(0, 0, 50);
    live.reading(0, 100, 0);
    live.interval(1, 0, 100, 5, 5, 5);
    live.interval(1, 200, 300, 5, 5, 5);
    live.reading(0, 200, 1);
    live.reading(0, 400, 3);
    expect(live.take()).toEqual([[0, 10, 10, 10]]);
  });
});
