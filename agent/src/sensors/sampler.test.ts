import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sensor } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { discoverSensors } from './index.js';
import { threadSampler } from './sampler.js';
import { all, type BuiltBoard, buildBoard, constructed, under } from './testing/tree.js';

const rail = 'sys/class/hwmon/hwmon0';
let board: BuiltBoard;
let sensors: readonly Sensor[];
beforeEach(async () => {
  board = await buildBoard({
    files: {
      ...under(rail, {
        name: constructed('ina3221'),
        ...all(constructed, { in1_label: 'VDD_IN', in1_input: 5000, curr1_input: 1000, update_interval: 1 }),
      }),
      ...under('sys/class/hwmon/hwmon1', {
        name: constructed('ina3221'),
        ...all(constructed, { in1_label: 'VDD_SOC', in1_input: 5000, curr1_input: 200, update_interval: 1e6 }),
      }),
      ...under('sys/class/thermal/thermal_zone0', all(constructed, { type: 'cpu-thermal', temp: 45_000 })),
    },
  });
  sensors = (await discoverSensors(board)).sources.map(({ sensor }) => sensor);
});
afterEach(() => board.remove());

interface Seen {
  readonly sensor: number;
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly value: number;
}

/** Reads until `enough`, then stops; everything that was handed out, and the times around. */
async function sample(
  task: { sensors?: readonly Sensor[]; periodMs?: number },
  enough: (seen: readonly Seen[]) => boolean | Promise<boolean>,
) {
  const sampler = threadSampler({ root: board.root, sensors, periodMs: 2, ...task });
  const seen: Seen[] = [];
  let wake = (): void => undefined;
  await sampler.start((sensor, beforeMs, afterMs, value) => {
    seen.push({ sensor, beforeMs, afterMs, value });
    wake();
  });
  const first = seen.length;
  while (!(await enough(seen)))
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  const stoppedMs = Number(process.hrtime.bigint()) / 1e6;
  await sampler.stop();
  const count = seen.length;
  return { seen, first, stoppedMs, count };
}

const place = (id: string): number => sensors.findIndex((sensor) => sensor.id === id);

describe('sampler thread', () => {
  it('[ENERGY-10] starts with a reading of every sensor and takes more, in SI, until it is told to stop', async () => {
    const { seen, first } = await sample({}, (all) => all.length > 30);
    expect(new Set(seen.slice(0, first).map(({ sensor }) => sensor))).toEqual(new Set(sensors.keys()));
    const of = (id: string) => seen.filter(({ sensor }) => sensor === place(id)).map(({ value }) => value);
    expect(new Set(of('ina3221/VDD_IN'))).toEqual(new Set([5]));
    expect(new Set(of('ina3221/VDD_SOC'))).toEqual(new Set([1]));
    for (const { beforeMs, afterMs } of seen) expect(afterMs).toBeGreaterThanOrEqual(beforeMs);
    const times = seen.filter(({ sensor }) => sensor === 0).map(({ beforeMs }) => beforeMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('[ENERGY-10] one that has a new value once in a long time is not asked at every turn', async () => {
    const { seen } = await sample({}, (all) => all.length > 30);
    const turns = (id: string) => seen.filter(({ sensor }) => sensor === place(id)).length;
    // At the start, and once more behind the end.
    expect(turns('ina3221/VDD_SOC')).toBe(2);
    expect(turns('ina3221/VDD_IN')).toBeGreaterThan(5);
  });

  it('[ENERGY-10] the last reading of each lies behind the end, and has the value of then', async () => {
    const { seen, stoppedMs } = await sample({ periodMs: 1e6 }, async () => {
      await writeFile(join(board.root, rail, 'curr1_input'), '3000\n');
      return true;
    });
    for (const sensor of sensors.keys()) {
      const last = seen.findLast((one) => one.sensor === sensor)!;
      expect(last.beforeMs).toBeGreaterThanOrEqual(stoppedMs);
    }
    expect(seen.findLast(({ sensor }) => sensor === place('ina3221/VDD_IN'))!.value).toBe(15);
  });

  it('[ENERGY-10] of a reading that fails there is no row; one that is not there any more is left out', async () => {
    const gone: Sensor = { ...sensors[0]!, id: 'ina3221/UNPLUGGED' };
    await writeFile(join(board.root, 'sys/class/thermal/thermal_zone0/temp'), 'N/A\n');
    const { seen } = await sample({ sensors: [gone, ...sensors] }, (all) => all.length > 10);
    expect(seen.some(({ sensor }) => sensor === 0)).toBe(false);
    expect(new Set(seen.map(({ sensor }) => sensor))).toEqual(
      new Set([place('ina3221/VDD_IN') + 1, place('ina3221/VDD_SOC') + 1]),
    );
  });

  it('[ENERGY-10] nothing comes once it has stopped: the thread is gone', async () => {
    const { seen, count } = await sample({ periodMs: 1 }, () => true);
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen.length).toBe(count);
    // Stopping what never started is fine.
    await threadSampler({ root: board.root, sensors, periodMs: 1 }).stop();
  });
});
