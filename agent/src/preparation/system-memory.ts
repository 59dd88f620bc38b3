import { parseStatus, readText } from '../kernel-counters.js';

/** A model's buffers come and stay for the length of a block: ten looks a second miss nothing and cost nothing. */
const lookMs = 100;

/** MemAvailable of /proc/meminfo, bytes; undefined where nobody says. */
export function availableBytes(meminfo: string): number | undefined {
  const kilobytes = parseStatus(meminfo, 'MemAvailable');
  return Number.isNaN(kilobytes) ? undefined : kilobytes * 1024;
}

/** Pure: by how much it fell below what was there before, at most, bytes. undefined: nothing to compare. */
export function systemDelta(beforeBytes: number | undefined, during: readonly number[]): number | undefined {
  if (beforeBytes === undefined || during.length === 0) return undefined;
  return Math.max(0, beforeBytes - during.reduce((least, bytes) => Math.min(least, bytes), Number.POSITIVE_INFINITY));
}

/**
 * Watches the whole system's available memory from now on. Where processor and GPU share their memory (Jetson), what a GPU takes is in no process's
 * resident size and shows only here, with whatever else happens on the machine. Returns the way to end it, with the most that was taken, bytes.
 */
export function watchSystemMemory(root = '/'): () => number | undefined {
  const look = (): number | undefined => availableBytes(readText(root, 'proc/meminfo') ?? '');
  const before = look();
  let least: number | undefined;
  const take = (): void => {
    const now = look();
    if (now !== undefined && !(now >= least!)) least = now;
  };
  const timer = setInterval(take, lookMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    take();
    return systemDelta(before, least === undefined ? [] : [least]);
  };
}
