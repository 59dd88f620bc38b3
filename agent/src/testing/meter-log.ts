import type { Reading } from '@hilltop/contracts';
import type { MeterListener, PowerInterval } from '../meters/meter.js';

export interface MeterLog extends MeterListener {
  readonly power: PowerInterval[];
  readonly readings: Array<Reading & { readonly sensor: number }>;
  readonly faults: Array<{
    readonly code: string;
    readonly message: string;
    readonly fatal: boolean;
    readonly atMs: number;
    readonly sinceMs?: number;
  }>;
}

/** Keeps all that a meter tells. */
export function meterLog(): MeterLog {
  const power: PowerInterval[] = [];
  const readings: MeterLog['readings'] = [];
  const faults: MeterLog['faults'] = [];
  return {
    power,
    readings,
    faults,
    onPower: (_sensor, interval) => power.push(interval),
    onReading: (sensor, reading) => readings.push({ sensor, ...reading }),
    onFault: (fault) => faults.push(fault),
  };
}

/** Energy of a window from means of intervals, J: power over the time that lies within. */
export function energyOfIntervals(power: readonly PowerInterval[], fromMs: number, toMs: number): number {
  let joules = 0;
  for (const { startMs, endMs, meanW } of power) {
    const within = Math.min(endMs, toMs) - Math.max(startMs, fromMs);
    if (within > 0) joules += (meanW * within) / 1000;
  }
  return joules;
}

/** Energy of a window from values at moments, J: trapezia, with the power at the edges on the line between neighbours. */
export function energyOfReadings(readings: readonly Reading[], fromMs: number, toMs: number): number {
  const points = readings.map(({ beforeMs, afterMs, value }) => ({ ms: (beforeMs + afterMs) / 2, value }));
  let joules = 0;
  for (let i = 1; i < points.length; i++) {
    const a = points[i - 1]!;
    const b = points[i]!;
    const start = Math.max(a.ms, fromMs);
    const end = Math.min(b.ms, toMs);
    if (end <= start) continue;
    const at = (ms: number): number => a.value + ((b.value - a.value) * (ms - a.ms)) / (b.ms - a.ms);
    joules += ((at(start) + at(end)) / 2) * ((end - start) / 1000);
  }
  return joules;
}
