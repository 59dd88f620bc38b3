import { LabError, type Mark, marks, type ObservationKind, type Sensor } from '@hilltop/contracts';
import type { Meter } from '../meters/meter.js';
import { LivePower, type PowerBucket } from '../protocol/live-power.js';
import type { Sampler } from './sampler.js';

export type EmitRows = (kind: ObservationKind, block: number, values: Record<string, ArrayLike<number>>) => void;

/** A moment of a run on the monotonic clock of this host; `clockMs`: standard uncertainty of its place. */
export interface Moment {
  readonly mark: Mark;
  readonly atMs: number;
  readonly clockMs?: number;
}

/** Power for a screen, as it comes. */
export type OnPower = (buckets: PowerBucket[]) => void;

export interface RecorderPorts {
  /** Files and tools of this machine; absent: none. */
  readonly sampler?: Sampler;
  readonly meters: readonly Meter[];
}

/** A fault that lasted is marked so densely that no window lies between two marks; and of one whose beginning nobody knows, so far back. */
const betweenFaultsMs = 50;
const longestDoubtMs = 10_000;

/** Rows of one batch: 200 kB at most, well inside a frame. */
const batchRows = 4096;

/**
 * What is read beside a run: everything its device has, from before the first block to after the last, in observations that name sensors by
 * their place in `sensors`. A meter that fails marks the moment; the run goes on, its energy does not count there.
 */
export class Recorder {
  readonly sensors: readonly Sensor[];
  private readonly offsets: readonly number[];
  private readings = newReadings();
  private power = newPower();
  private emit: EmitRows | undefined;
  private live: LivePower | undefined;
  private onPower: OnPower | undefined;
  private readonly faults: Moment[] = [];

  constructor(private readonly ports: RecorderPorts) {
    const sampled = ports.sampler?.sensors ?? [];
    let at = sampled.length;
    this.offsets = ports.meters.map((meter) => {
      const offset = at;
      at += meter.sensors.length;
      return offset;
    });
    // A meter that somebody put into the supply says what the device takes; what the board says of itself is a part of it.
    const metered = ports.meters.some((meter) => meter.sensors.some((sensor) => sensor.total));
    this.sensors = [
      ...sampled.map((sensor) => (metered && sensor.total ? { ...sensor, total: false } : sensor)),
      ...ports.meters.flatMap((meter) => meter.sensors),
    ];
  }

  /** Whether energy can be taken at all: only then idle power is waited for. */
  get hasPower(): boolean {
    return this.sensors.some(({ total, quantity }) => total && (quantity === 'power' || quantity === 'energy'));
  }

  /** Resolves when every source gives values; a meter that does not is a LabError of its own. */
  async start(emit: EmitRows, onPower?: OnPower): Promise<void> {
    this.emit = emit;
    this.onPower = onPower;
    this.live = new LivePower(this.sensors);
    await this.ports.sampler?.start((sensor, beforeMs, afterMs, value) => {
      this.take(sensor, beforeMs, afterMs, value);
    });
    for (const [i, meter] of this.ports.meters.entries()) {
      const offset = this.offsets[i]!;
      await meter.start({
        onReading: (sensor, { beforeMs, afterMs, value }) => {
          this.take(offset + sensor, beforeMs, afterMs, value);
        },
        onPower: (sensor, { startMs, endMs, meanW, minW, maxW }) => {
          push(this.power, [offset + sensor, startMs, endMs, meanW, minW, maxW]);
          this.live?.interval(offset + sensor, startMs, endMs, meanW, minW, maxW);
          this.flushFull();
        },
        onFault: ({ sinceMs, atMs }) => {
          for (let at = Math.max(sinceMs ?? atMs, atMs - longestDoubtMs); at < atMs; at += betweenFaultsMs)
            this.faults.push({ mark: 'fault', atMs: at });
          this.faults.push({ mark: 'fault', atMs });
        },
      });
    }
  }

  /** Notes moments of a block, with the faults since the last. */
  note(block: number, moments: readonly Moment[]): void {
    const all = [...moments, ...this.faults.splice(0)];
    if (all.length === 0) return;
    // A meter has a clock of its own: where a mark lies among its values is not known better than that.
    const meterMs = Math.max(0, ...this.ports.meters.map((meter) => meter.clockMs?.() ?? 0));
    this.emit?.('mark', block, {
      mark: all.map(({ mark }) => marks[mark]),
      at_ms: all.map(({ atMs }) => atMs),
      clock_ms: all.map(({ clockMs = 0 }) => Math.hypot(clockMs, meterMs)),
    });
  }

  /** Ends every source and hands out the rest. Never rejects. */
  async stop(block: number): Promise<void> {
    await Promise.allSettled([this.ports.sampler?.stop(), ...this.ports.meters.map((meter) => meter.stop())]);
    this.note(block, []);
    this.flush();
    this.emit = undefined;
    this.live = undefined;
  }

  private take(sensor: number, beforeMs: number, afterMs: number, value: number): void {
    push(this.readings, [sensor, beforeMs, afterMs, value]);
    this.live?.reading(sensor, (beforeMs + afterMs) / 2, value);
    this.flushFull();
  }

  private flushFull(): void {
    const buckets = this.live?.take() ?? [];
    if (buckets.length > 0) this.onPower?.(buckets);
    if (this.readings.sensor.length >= batchRows || this.power.sensor.length >= batchRows) this.flush();
  }

  private flush(): void {
    if (this.readings.sensor.length > 0) this.emit?.('reading', 0, this.readings);
    if (this.power.sensor.length > 0) this.emit?.('power', 0, this.power);
    this.readings = newReadings();
    this.power = newPower();
  }
}

type Columns<K extends string> = Record<K, number[]>;
const newReadings = (): Columns<'sensor' | 'before_ms' | 'after_ms' | 'value'> => ({
  sensor: [],
  before_ms: [],
  after_ms: [],
  value: [],
});
const newPower = (): Columns<'sensor' | 'start_ms' | 'end_ms' | 'mean_w' | 'min_w' | 'max_w'> => ({
  sensor: [],
  start_ms: [],
  end_ms: [],
  mean_w: [],
  min_w: [],
  max_w: [],
});

function push(columns: Record<string, number[]>, row: readonly number[]): void {
  let i = 0;
  for (const column of Object.values(columns)) column.push(row[i++]!);
}

/** A wait for idle power that the end of the run cuts short. Throws the signal's reason. */
export function idleFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const timer = setTimeout(done, ms);
    function done(): void {
      signal.removeEventListener('abort', stop);
      resolve();
    }
    function stop(): void {
      clearTimeout(timer);
      reject(signal.reason instanceof Error ? signal.reason : new LabError('run.cancelled', 'stopped'));
    }
    signal.addEventListener('abort', stop, { once: true });
  });
}
