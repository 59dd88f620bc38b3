import { realTimer, type Timer } from '@hilltop/firmware-bridge';

/** Time of the marks of a run: `CLOCK_MONOTONIC` of this host, ms. */
export const hostTimer: Timer = {
  now: () => Number(process.hrtime.bigint()) / 1e6,
  after: realTimer.after,
};

/** Resolves after so many ms of a timer. */
export const pauseOn = (timer: Timer, ms: number): Promise<void> =>
  new Promise((resolve) => {
    timer.after(ms, resolve);
  });
