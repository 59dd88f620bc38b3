import type { LiveEvent } from '@hilltop/contracts';
import { createStore } from 'zustand/vanilla';
import type { FrameQueue } from './frame-queue.js';
import { PowerBuffer } from './power-buffer.js';
import { TraceBuffer } from './trace-buffer.js';

/** The runs whose traces are kept, newest first in mind: the oldest is let go. */
const keptRuns = 24;

/** Live progress and traces by run. Traces bypass React: a drawing reads the buffer when `latest` moved. */
export class Traces {
  /** Newest live event of each run, committed once a frame. */
  readonly latest = createStore<{ readonly byRun: ReadonlyMap<string, LiveEvent> }>(() => ({ byRun: new Map() }));
  private readonly buffers = new Map<string, TraceBuffer>();
  private readonly powers = new Map<string, PowerBuffer>();
  private pending = new Map<string, LiveEvent>();

  constructor(private readonly frames: FrameQueue) {}

  push(event: LiveEvent): void {
    const buffer = this.buffers.get(event.runId) ?? new TraceBuffer();
    this.buffers.delete(event.runId);
    this.buffers.set(event.runId, buffer); // last in order = last heard of
    if (this.buffers.size > keptRuns) {
      const oldest = this.buffers.keys().next().value!;
      this.buffers.delete(oldest);
      this.powers.delete(oldest);
    }
    buffer.push(event);
    if (event.power && event.power.length > 0) {
      const power = this.powers.get(event.runId) ?? new PowerBuffer();
      this.powers.set(event.runId, power);
      power.push(event.power);
    }
    this.pending.set(event.runId, event);
    this.frames.request(this.commit);
  }

  of(runId: string): TraceBuffer | undefined {
    return this.buffers.get(runId);
  }

  powerOf(runId: string): PowerBuffer | undefined {
    return this.powers.get(runId);
  }

  private readonly commit = (): void => {
    const byRun = new Map([...this.latest.getState().byRun, ...this.pending]);
    for (const runId of byRun.keys()) if (!this.buffers.has(runId)) byRun.delete(runId);
    this.pending = new Map();
    this.latest.setState({ byRun });
  };
}
