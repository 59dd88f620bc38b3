import type { Pulse } from '@hilltop/contracts';
import { createStore } from 'zustand/vanilla';
import type { FrameQueue } from './frame-queue.js';

/** What a card shows of the past. */
export const keptMs = 60_000;
/** In the memory of a page a device has a point each so many ms; between them the newest stands alone. */
const stepMs = 500;

/** What one device does just now, and its last minute, oldest first. */
export interface DevicePulse {
  readonly newest: Pulse;
  readonly past: readonly Pulse[];
}

/** Adds a pulse; what is older than a minute goes. Pure. */
export function addPulse(before: DevicePulse | undefined, pulse: Pulse): DevicePulse {
  if (before !== undefined && pulse.atMs < before.newest.atMs) return before;
  const past = before?.past ?? [];
  const last = past.at(-1);
  if (last !== undefined && pulse.atMs - last.atMs < stepMs) return { newest: pulse, past };
  const from = past.findIndex(({ atMs }) => atMs >= pulse.atMs - keptMs);
  return { newest: pulse, past: [...(from < 0 ? [] : past.slice(from)), pulse] };
}

/** Pulses of the devices, committed once a frame; a card listens to its own device. */
export class PulseStore {
  readonly store = createStore<{ readonly byDevice: ReadonlyMap<string, DevicePulse> }>(() => ({
    byDevice: new Map(),
  }));
  private pending: Pulse[] = [];

  constructor(private readonly frames: FrameQueue) {}

  push(pulses: readonly Pulse[]): void {
    this.pending.push(...pulses);
    this.frames.request(this.commit);
  }

  private readonly commit = (): void => {
    const byDevice = new Map(this.store.getState().byDevice);
    for (const pulse of this.pending) byDevice.set(pulse.deviceId, addPulse(byDevice.get(pulse.deviceId), pulse));
    this.pending = [];
    this.store.setState({ byDevice });
  };
}
