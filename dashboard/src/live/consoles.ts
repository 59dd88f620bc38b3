import type { ConsoleEvent } from '@hilltop/contracts';
import { createStore } from 'zustand/vanilla';
import type { FrameQueue } from './frame-queue.js';

/** Consoles that spoke: how many messages came of each device. The text itself is asked for, since messages may be lost. */
export class Consoles {
  readonly heard = createStore<{ readonly byDevice: ReadonlyMap<string, number> }>(() => ({ byDevice: new Map() }));
  private pending = new Map<string, number>();

  constructor(private readonly frames: FrameQueue) {}

  push({ deviceId }: Pick<ConsoleEvent, 'deviceId'>): void {
    this.pending.set(deviceId, (this.pending.get(deviceId) ?? 0) + 1);
    this.frames.request(this.commit);
  }

  private readonly commit = (): void => {
    const byDevice = new Map(this.heard.getState().byDevice);
    for (const [deviceId, count] of this.pending) byDevice.set(deviceId, (byDevice.get(deviceId) ?? 0) + count);
    this.pending = new Map();
    this.heard.setState({ byDevice });
  };
}
