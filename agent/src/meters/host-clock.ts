import { realTimer, type Timer } from '@hilltop/firmware-bridge';
import { monotonicMs } from '../monotonic-ms.js';

/** Time of the marks of a run: `CLOCK_MONOTONIC` of this host, ms. */
export const hostTimer: Timer = {
  now: monotonicMs,
  after: realTimer.after,
};

/** Resolves after so many ms of a timer. */
export const pauseOn = (timer: Timer, ms: number): Promise<void> =>
  new Promise((resolve) => {
    timer.after(ms, resolve);
  });
