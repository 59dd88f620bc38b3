import type { DeviceLeases } from '../../panels/leases/lease-model.js';
import { earliestMs } from '../../panels/leases/lease-words.js';

/** What a page offers, in s. */
export const durations = [900, 1800, 3600, 7200, 14_400, 28_800] as const;

/** `15 min`, `1 h`, `1 h 20 min`. */
export function durationText(seconds: number): string {
  const minutes = Math.max(1, Math.round(seconds / 60));
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return [hours > 0 && `${hours} h`, rest > 0 && `${rest} min`].filter(Boolean).join(' ');
}

export interface Forecast {
  /** 0: one is free. */
  readonly place: number;
  readonly earliestMs: number;
  /** Of the one that frees first. */
  readonly holder?: string;
}

/** Where a wish for any of these devices would stand now. Pure. */
export function reserveForecast(devices: readonly DeviceLeases[], nowMs: number): Forecast {
  const each = devices.map((leases): Forecast => {
    const { current, queue } = leases;
    if (!current && queue.length === 0) return { place: 0, earliestMs: nowMs };
    const place = queue.length + 1;
    return {
      ...{ place, earliestMs: earliestMs(leases, place, nowMs) },
      ...(current && { holder: current.holder.name }),
    };
  });
  return each.sort((a, b) => a.earliestMs - b.earliestMs || a.place - b.place)[0] ?? { place: 0, earliestMs: nowMs };
}
