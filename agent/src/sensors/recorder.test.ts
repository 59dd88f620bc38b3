import { decodeColumn, encodeColumns, marks, type Observations, type Sensor } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import type { Meter, MeterListener } from '../meters/meter.js';
import type { PowerBucket } from '../protocol/live-power.js';
import { type EmitRows, idleFor, Recorder } from './recorder.js';
import type { Sampler } from './sampler.js';

const power = (id: string, over: Partial<Sensor> = {}): Sensor => ({
  id,
  driver: 'ina3221',
  quantity: 'power',
  scope: 'module-input',
  kind: 'sampled',
  total: true,
  ...over,
});
const heat = power('zone', { driver: 'thermal-zone', quantity: 'temperature', total: false });

type OnReading = Parameters<Sampler['start']>[0];

function sampler(sensors: Sensor[]) {
  const state = { running: false, tell: (() => undefined) as OnReading };
  const made: Sampler = {
    sensors,
    start: async (onReading) => {
      state.running = true;
      state.tell = onReading;
    },
    stop: async () => {
      state.running = false;
    },
  };
  return { state, made };
}

function meter(sensors: Sensor[]) {
  const state: { running: boolean; listener: MeterListener } = { running: false, listener: undefined as never };
  const made: Meter = {
    sensors,
    start: async (listener) => {
      state.running = true;
      state.listener = listener;
    },
    stop: async () => {
      state.running = false;
    },
    close: async () => undefined,
  };
  return { state, made };
}

function sink() {
  const rows: Array<[kind: string, block: number, columns: Record<string, number[]>]> = [];
  const emit: EmitRows = (kind, block, values) => {
    const batch = { kind, ...encodeColumns(kind, values) } as Observations;
    rows.push([
      kind,
      block,
      Object.fromEntries(Object.keys(batch.columns).map((name) => [name, [...decodeColumn(batch, name)]])),
    ]);
  };
  return { rows, emit };
}

describe('recorder', () => {
  it('[ENERGY-6] names sensors by their place over all sources, and keeps what they say', async () => {
    const files = sampler([heat, power('rail')]);
    const one = meter([power('ppk2/1', { driver: 'ppk2', scope: 'dut-vdd', kind: 'averaged' })]);
    const recorder = new Recorder({ sampler: files.made, meters: [one.made] });
    const { rows, emit } = sink();
    await recorder.start(emit);
    files.state.tell(0, 10, 11, 42.5);
    files.state.tell(1, 11, 12, 5);
    one.state.listener.onReading(0, { beforeMs: 12, afterMs: 13, value: 0.25 });
    one.state.listener.onPower(0, { startMs: 10, endMs: 20, meanW: 0.3, minW: 0.1, maxW: 0.9 });
    await recorder.stop(2);
    expect(recorder.sensors.map(({ id }) => id)).toEqual(['zone', 'rail', 'ppk2/1']);
    expect(rows).toEqual([
      ['reading', 0, { sensor: [0, 1, 2], before_ms: [10, 11, 12], after_ms: [11, 12, 13], value: [42.5, 5, 0.25] }],
      ['power', 0, { sensor: [2], start_ms: [10], end_ms: [20], mean_w: [0.3], min_w: [0.1], max_w: [0.9] }],
    ]);
    expect([files.state.running, one.state.running]).toEqual([false, false]);
  });

  it('[ENERGY-7] a meter in the supply is the total; what the board says of itself is a part of it', () => {
    const files = sampler([heat, power('VDD_IN')]);
    const shunt = meter([power('ppk2/1', { driver: 'ppk2', scope: 'dut-vdd' })]);
    const totals = (recorder: Recorder) => recorder.sensors.filter(({ total }) => total).map(({ id }) => id);
    const metered = new Recorder({ sampler: files.made, meters: [shunt.made] });
    const bare = new Recorder({ sampler: files.made, meters: [] });
    const none = new Recorder({ sampler: sampler([heat]).made, meters: [] });
    expect([totals(metered), totals(bare), totals(none)]).toEqual([['ppk2/1'], ['VDD_IN'], []]);
    expect([metered.hasPower, bare.hasPower, none.hasPower]).toEqual([true, true, false]);
  });

  it('[ENERGY-8] a fault that is found out late is marked back to where it may have begun, with no window between two marks', async () => {
    const one = meter([power('ppk2/1', { driver: 'ppk2' })]);
    const recorder = new Recorder({ meters: [one.made] });
    const { rows, emit } = sink();
    await recorder.start(emit);
    const fault = { code: 'meter.samples-lost', message: 'lost', fatal: false };
    one.state.listener.onFault({ ...fault, sinceMs: 5000, atMs: 6020 });
    recorder.note(3, []);
    const [[, , { at_ms: at }]] = rows as [(typeof rows)[number]];
    expect([at![0], at!.at(-1)]).toEqual([5000, 6020]);
    for (const [i, ms] of at!.slice(1).entries()) expect(ms - at![i]!).toBeLessThanOrEqual(50);
    // Of one whose beginning nobody knows, as far back as is bearable.
    one.state.listener.onFault({ ...fault, sinceMs: Number.NEGATIVE_INFINITY, atMs: 60_000 });
    recorder.note(4, []);
    expect(rows[1]![2]['at_ms']![0]).toBe(50_000);
    await recorder.stop(4);
  });

  it('[ENERGY-8] a fault of a meter is a mark, also one that comes after the last block', async () => {
    const one = meter([power('ppk2/1', { driver: 'ppk2' })]);
    const recorder = new Recorder({ meters: [one.made] });
    const { rows, emit } = sink();
    await recorder.start(emit);
    const fault = (atMs: number) =>
      one.state.listener.onFault({ code: 'sensor.samples-lost', message: 'lost', fatal: false, atMs });
    fault(150);
    recorder.note(0, [
      { mark: 'loop-start', atMs: 100, clockMs: 2 },
      { mark: 'loop-end', atMs: 200 },
    ]);
    recorder.note(1, []);
    fault(900);
    await recorder.stop(1);
    expect(rows).toEqual([
      [
        'mark',
        0,
        {
          mark: [marks['loop-start'], marks['loop-end'], marks.fault],
          at_ms: [100, 200, 150],
          clock_ms: [2, 0, 0],
        },
      ],
      ['mark', 1, { mark: [marks.fault], at_ms: [900], clock_ms: [0] }],
    ]);
  });

  it('[ENERGY-11] a mark is known among the values of a meter as well as both of their clocks', async () => {
    const one = meter([power('ppk2/1', { driver: 'ppk2' })]);
    const recorder = new Recorder({ meters: [{ ...one.made, clockMs: () => 4 }] });
    const { rows, emit } = sink();
    await recorder.start(emit);
    recorder.note(0, [
      { mark: 'loop-start', atMs: 100, clockMs: 3 },
      { mark: 'loop-end', atMs: 200 },
    ]);
    await recorder.stop(0);
    expect(rows[0]![2]['clock_ms']).toEqual([5, 4]);
  });

  it('[ENERGY-6] hands rows out in batches that fit a frame, none is lost', async () => {
    const files = sampler([power('rail')]);
    const recorder = new Recorder({ sampler: files.made, meters: [] });
    const { rows, emit } = sink();
    await recorder.start(emit);
    for (let i = 0; i < 5000; i++) files.state.tell(0, i, i, i);
    await recorder.stop(0);
    expect(rows.map(([, , columns]) => columns['value']!.length)).toEqual([4096, 904]);
    expect(rows.flatMap(([, , columns]) => columns['value']!)).toEqual(Array.from({ length: 5000 }, (_, i) => i));
  });

  it('[ENERGY-5] tells a screen of the power that counts, and of nothing else', async () => {
    const files = sampler([heat, power('VDD_IN')]);
    const recorder = new Recorder({ sampler: files.made, meters: [] });
    const told: PowerBucket[] = [];
    await recorder.start(sink().emit, (buckets) => told.push(...buckets));
    for (const at of [0, 60, 120]) {
      files.state.tell(0, at, at, 80);
      files.state.tell(1, at, at, at / 10);
    }
    await recorder.stop(0);
    files.state.tell(1, 300, 300, 1);
    expect(told).toEqual([[0, 0, 3, 6]]);
  });

  it('[ENERGY-8] stops what has started and what has not, and says nothing after it', async () => {
    const files = sampler([power('rail')]);
    const recorder = new Recorder({ sampler: files.made, meters: [meter([]).made] });
    await recorder.stop(0);
    const { rows, emit } = sink();
    await recorder.start(emit);
    const gone: Meter = { ...meter([power('ppk2/1')]).made, stop: () => Promise.reject(new Error('unplugged')) };
    await new Recorder({ meters: [gone] }).stop(0);
    await recorder.stop(0);
    recorder.note(0, [{ mark: 'loop-start', atMs: 1 }]);
    expect(rows).toEqual([]);
  });
});

describe('a wait for idle power', () => {
  it('[ENERGY-9] ends with the run that waits', async () => {
    await idleFor(1, new AbortController().signal);
    const abort = new AbortController();
    const waiting = idleFor(1e6, abort.signal);
    abort.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(idleFor(1e6, abort.signal)).rejects.toThrow('enough');
  });
});
