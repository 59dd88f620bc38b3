import type { Device } from '@hilltop/contracts';
import type { SparkKey } from '../devices/spark.js';

/** Heartbeats come every few seconds; later than this the right edge is hatched. */
const staleMs = 10_000;

/** What of the picture, from the right, nothing was heard in; 0 while all is well. Pure. */
export function staleShare(newestMs: number, nowMs: number, spanMs: number, isLive: boolean): number {
  const silentMs = nowMs - newestMs;
  return silentMs > (isLive ? staleMs : 0) ? Math.min(1, Math.max(0, silentMs / spanMs)) : 0;
}

/** What this device cannot measure, in words: `no power meter, no thermometer`. */
export function lackingText(
  { facts: { sensors } }: Pick<Device, 'facts'>,
  measured: readonly SparkKey[],
): string | undefined {
  if (sensors === undefined) return undefined;
  const reads = (quantity: string): boolean => sensors.some((sensor) => sensor.quantity === quantity);
  const lacks = [
    ...(measured.includes('powerW') || reads('power') || reads('energy') ? [] : ['no power meter']),
    ...(measured.includes('temperatureC') || reads('temperature') ? [] : ['no thermometer']),
  ];
  return lacks.length > 0 ? lacks.join(', ') : undefined;
}
