import type { Reading, Sensor } from '@hilltop/contracts';

/** Mean power over an interval, from an instrument too fast to keep whole. Times as in `Reading`. */
export interface PowerInterval {
  readonly startMs: number;
  readonly endMs: number;
  readonly meanW: number;
  readonly minW: number;
  readonly maxW: number;
}

export interface MeterListener {
  readonly onReading: (sensor: number, reading: Reading) => void;
  readonly onPower: (sensor: number, interval: PowerInterval) => void;
  /**
   * Something that a window with it in cannot be trusted over: samples lost, unplugged, a clock that drifts, over range.
   * `fatal`: nothing more will come.
   */
  readonly onFault: (fault: {
    readonly code: string;
    readonly message: string;
    readonly fatal: boolean;
    readonly atMs: number;
    /** It began at some time after this, and was found out at `atMs`. */
    readonly sinceMs?: number;
  }) => void;
}

/** An instrument that is in the supply of one device, owned by that device's agent. */
export interface Meter {
  /** What it gives; `onReading` and `onPower` name them by their place here. */
  readonly sensors: readonly Sensor[];
  /** Starts to measure; resolves once the first value has arrived. Throws LabError `sensor.no-answer`, `device.unplugged` ... */
  readonly start: (listener: MeterListener) => Promise<void>;
  readonly stop: () => Promise<void>;
  /** Of the times it tells, against the clock of the marks: standard uncertainty now, ms. Absent: it is that clock. */
  readonly clockMs?: () => number;
  /** Releases the port; idempotent, never rejects. */
  readonly close: () => Promise<void>;
}
