import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { LabError, type Sensor } from '@hilltop/contracts';
import type { SamplerAnswer, SamplerTask } from './sampler-thread.js';

/** Takes readings of many sensors again and again, beside what is measured. Times: ms of `CLOCK_MONOTONIC`. */
export interface Sampler {
  readonly sensors: readonly Sensor[];
  /** Resolves once every sensor was read. */
  readonly start: (
    onReading: (sensor: number, beforeMs: number, afterMs: number, value: number) => void,
  ) => Promise<void>;
  /** Resolves when the last reading was handed out; the thread is gone then. */
  readonly stop: () => Promise<void>;
}

/** The compiled entry: beside this file, or in dist when this file runs from source (tests). */
function entry(): URL {
  const beside = new URL('./sampler-thread.js', import.meta.url);
  return existsSync(beside) ? beside : new URL('../../dist/sensors/sampler-thread.js', import.meta.url);
}

/** Values of a row: sensor, before, after, value. */
const rowValues = 4;
const startTimeoutMs = 15_000;

/**
 * Files and tools, read by a thread of its own so that reading them stalls nothing here. `task.sensors`: as the survey of this machine has
 * found them, in its order.
 */
export function threadSampler(task: SamplerTask): Sampler {
  let worker: Worker | undefined;
  return {
    sensors: task.sensors,
    start: async (onReading) => {
      const thread = new Worker(entry(), { workerData: task, resourceLimits: { maxOldGenerationSizeMb: 64 } });
      worker = thread;
      thread.on('message', ({ rows }: SamplerAnswer) => {
        for (let i = 0; i + rowValues <= rows.length; i += rowValues)
          onReading(rows[i]!, rows[i + 1]!, rows[i + 2]!, rows[i + 3]!);
      });
      await new Promise<void>((resolve, reject) => {
        const fail = (error: unknown): void => {
          clearTimeout(timer);
          reject(new LabError('lab.internal', 'the sensors cannot be read', {}, { cause: error }));
        };
        const timer = setTimeout(fail, startTimeoutMs, new Error('no first reading'));
        thread.once('message', () => {
          clearTimeout(timer);
          resolve();
        });
        thread.once('error', fail);
      });
      // From here on a failure of the thread leaves a gap in the readings, and that is judged where they are used.
      thread.on('error', () => undefined);
    },
    stop: async () => {
      const thread = worker;
      worker = undefined;
      if (!thread) return;
      const gone = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
      thread.postMessage('stop');
      await gone;
    },
  };
}
