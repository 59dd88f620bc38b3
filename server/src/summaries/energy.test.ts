import { encodeColumns, energySensors, type Observations, type Sensor } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { energyOf } from './energy.js';
import { batch, marked } from './testing/batches.js';

const sensor = (over: Partial<Sensor> = {}): Sensor => ({
  id: 'ppk2/1',
  driver: 'ppk2',
  quantity: 'power',
  scope: 'dut-vdd',
  kind: 'averaged',
  total: true,
  ...over,
});
/** 1 ms means of 0.1 W, and of 0.5 W between the marks of loops. */
const power = (loops: Array<[number, number]>, untilMs: number, index = 0): Observations => {
  const starts = Array.from({ length: untilMs }, (_, i) => i);
  const watts = starts.map((at) => (loops.some(([from, to]) => at >= from && at < to) ? 0.5 : 0.1));
  return batch('power', 0, {
    sensor: starts.map(() => index),
    start_ms: starts,
    end_ms: starts.map((at) => at + 1),
    mean_w: watts,
    min_w: watts,
    max_w: watts,
  });
};

describe('energy', () => {
  const loops: Array<[number, number]> = [
    [1000, 2000],
    [3000, 4000],
  ];
  const bothLoops = [
    marked(0, [
      ['idle-start', 100],
      ['idle-end', 900],
      ['loop-start', 1000],
      ['loop-end', 2000],
    ]),
    marked(1, [
      ['loop-start', 3000],
      ['loop-end', 4000],
      ['idle-start', 4100],
      ['idle-end', 4900],
    ]),
  ];
  const inferences = new Map([
    [0, 100],
    [1, 50],
  ]);

  it('[ENERGY-1] is gross: all of the window over its inferences; net and idle beside it', () => {
    const energy = energyOf({ batches: [power(loops, 5000), ...bothLoops], sensors: [sensor()], inferences })!;
    expect(energy.blocks.get(0)).toEqual({
      energy_mj: expect.closeTo(5, 9),
      power_mean_w: expect.closeTo(0.5, 9),
      energy_net_mj: expect.closeTo(4, 9),
    });
    expect(energy.blocks.get(1)).toMatchObject({
      energy_mj: expect.closeTo(10, 9),
      energy_net_mj: expect.closeTo(8, 9),
    });
    expect(energy.idleW).toBeCloseTo(0.1, 9);
    expect(energy.budget).toMatchObject({
      scope: 'dut-vdd',
      sensors: ['ppk2/1'],
      blocks: 2,
      leftOut: 0,
      windowMs: 1000,
    });
  });

  it('[ENERGY-1] above idle may be nothing or less: a difference, with what idle is known by in its interval', () => {
    const levels = (watts: readonly number[]): Observations =>
      batch('power', 0, {
        sensor: watts.map(() => 0),
        start_ms: watts.map((_, i) => 1000 * i),
        end_ms: watts.map((_, i) => 1000 * (i + 1)),
        mean_w: [...watts],
        min_w: [...watts],
        max_w: [...watts],
      });
    const { net, blocks } = energyOf({
      // Idle 0.9 and 1.1 W, loops 0.9 and 1.1 W.
      batches: [levels([0.9, 0.9, 0.9, 1.1, 1.1, 1.1]), ...bothLoops],
      sensors: [sensor()],
      inferences: new Map([...inferences.keys()].map((block) => [block, 100])),
    })!;
    expect([...blocks.values()].map((values) => values['energy_net_mj']!.toFixed(6))).toEqual([
      '-1.000000',
      '1.000000',
    ]);
    expect(net!.value).toBeCloseTo(0, 9);
    // Two values, 12.706 standard errors of 1 mJ; and twice what two idle levels differ by, 0.1 W over 10 ms, with the edges.
    expect(net!.high!).toBeGreaterThan(12.706 + 2);
    expect(net!.low!).toBeCloseTo(-net!.high!, 6);
    expect(
      energyOf({ batches: [levels([1, 1, 1, 1, 1]), ...bothLoops], sensors: [sensor()], inferences })!.net,
    ).toEqual({
      value: expect.closeTo(0, 12),
      low: expect.closeTo(0, 12),
      high: expect.closeTo(0, 12),
      n: 2,
    });
  });

  it('[ENERGY-2] a block with a fault of the meter or a gap in its window has none', () => {
    const fault = marked(0, [['fault', 1500]]);
    const energy = energyOf({ batches: [power(loops, 5000), ...bothLoops, fault], sensors: [sensor()], inferences })!;
    expect([...energy.blocks.keys()]).toEqual([1]);
    expect(energy.budget).toMatchObject({ blocks: 1, leftOut: 1 });
    const short = energyOf({ batches: [power(loops, 3500), ...bothLoops], sensors: [sensor()], inferences })!;
    expect([...short.blocks.keys()]).toEqual([0]);
    expect(energyOf({ batches: bothLoops, sensors: [sensor()], inferences })).toBeUndefined();
    expect(energyOf({ batches: [power(loops, 5000)], sensors: [sensor()], inferences })).toBeUndefined();
    expect(energyOf({ batches: [power(loops, 5000), ...bothLoops], sensors: [], inferences })).toBeUndefined();
  });

  it('[ENERGY-3] states what its uncertainty is made of', () => {
    const uncertain = sensor({ uncertainty: { gain: 0.02, offset: 0.005, source: 'data sheet' } });
    const clocked = bothLoops.map((one) => ({ ...one, ...withClock(one, 3) }));
    const { budget, systematic } = energyOf({
      batches: [power(loops, 5000), ...clocked],
      sensors: [uncertain],
      inferences,
    })!;
    // sqrt(2) dt / W (P - P_idle) / P, of two windows.
    const dt = Math.hypot(3, 1 / Math.sqrt(12));
    expect(budget).toMatchObject({
      gain: 0.02,
      offset: expect.closeTo(0.01, 9),
      edge: expect.closeTo((Math.SQRT2 * dt * 0.8) / 1000 / Math.SQRT2, 9),
    });
    expect(systematic).toBeCloseTo(Math.hypot(0.02, 0.01, budget.edge), 9);
  });

  it('[ENERGY-4] adds the parts of one total, never two views of the same supply', () => {
    const rail = (id: string, over: Partial<Sensor> = {}) =>
      sensor({ id, driver: 'ina3221', scope: 'rail', kind: 'sampled', ...over });
    expect(energySensors([rail('a'), rail('b'), rail('c', { total: false })])).toEqual([0, 1]);
    expect(energySensors([rail('a'), sensor({ scope: 'wall', driver: 'shelly' })])).toEqual([1]);
    const shelly = { driver: 'shelly', scope: 'wall' } as const;
    expect(energySensors([sensor(shelly), sensor({ ...shelly, quantity: 'energy', kind: 'counter' })])).toEqual([0]);
    expect(energySensors([sensor({ quantity: 'temperature' })])).toEqual([]);
  });
});

function withClock(one: Observations, clockMs: number): Pick<Observations, 'columns'> {
  const { columns } = encodeColumns('mark', {
    mark: Array.from({ length: one.rows }, () => 0),
    at_ms: Array.from({ length: one.rows }, () => 0),
    clock_ms: Array.from({ length: one.rows }, () => clockMs),
  });
  return { columns: { ...one.columns, clock_ms: columns['clock_ms']! } };
}
