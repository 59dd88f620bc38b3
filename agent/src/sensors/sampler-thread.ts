import { parentPort, workerData } from 'node:worker_threads';
import type { Sensor } from '@hilltop/contracts';
import { monotonicMs } from '../monotonic-ms.js';
import { discoverSensors } from './index.js';
import { runTool } from './run-tool.js';
import type { SensorSource } from './sensor-source.js';

/** What the thread is told at its start. */
export interface SamplerTask {
  /** `/` but for tests. */
  readonly root: string;
  readonly calibration?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** To be read, by their ids; rows name them by their place here. */
  readonly sensors: readonly Sensor[];
  /** Between two rounds over all of them, ms. */
  readonly periodMs: number;
}

/** Rows of four: sensor, before, after, value. Of a failed reading there is none. */
export interface SamplerAnswer {
  readonly rows: Float64Array;
}

/** A period that is a multiple of an inference's would see the same part of it each time. */
const jitter = 0.2;
/** Of a sensor's own period: a little early rather than a value missed. */
const slowest = 0.8;
/** Readings are handed over so often, ms. */
const handOverMs = 250;

async function main(task: SamplerTask): Promise<void> {
  const port = parentPort!;
  let stopped = false;
  let wake = (): void => undefined;
  port.once('message', () => {
    stopped = true;
    wake();
  });
  const found = await discoverSensors({
    root: task.root,
    run: runTool,
    ...(task.calibration && { calibration: task.calibration }),
  });
  const sources = task.sensors.map(({ id }) => found.sources.find((source) => source.sensor.id === id));
  let rows: number[] = [];
  const handOver = (): void => {
    const out = Float64Array.from(rows);
    rows = [];
    port.postMessage({ rows: out } satisfies SamplerAnswer, [out.buffer]);
  };
  /** When each is read again: one that has a new value once a second, or costs a process, is not asked at every turn. */
  const dueAt = new Float64Array(sources.length);
  const takeRound = async (all: boolean): Promise<void> => {
    for (const [place, source] of sources.entries()) {
      const now = monotonicMs();
      if (!source || (!all && now < dueAt[place]!)) continue;
      dueAt[place] = now + slowest * (source.sensor.updateMs ?? 0);
      await take(place, source);
    }
  };
  const take = async (place: number, { read }: SensorSource): Promise<void> => {
    const before = monotonicMs();
    const value = await read();
    if (value !== undefined) rows.push(place, before, monotonicMs(), value);
  };
  await takeRound(true);
  handOver();
  let due = monotonicMs();
  let handed = due;
  while (!stopped) {
    due = Math.max(due + task.periodMs * (1 + jitter * (2 * Math.random() - 1)), monotonicMs());
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, due - monotonicMs()));
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    // Stopped: once more, so that the last window has a reading behind its end.
    await takeRound(stopped);
    if (monotonicMs() - handed < handOverMs && !stopped) continue;
    handed = monotonicMs();
    handOver();
  }
  port.close();
}

await main(workerData as SamplerTask);
