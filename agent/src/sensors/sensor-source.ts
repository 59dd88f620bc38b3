import type { MeterDriver, Sensor, SensorDriver } from '@hilltop/contracts';

/** What a driver reads from; everything that is not a value is a parameter, so that a folder of captured files is a board. */
export interface Surroundings {
  /** `/` but for tests. */
  readonly root: string;
  /** Runs a tool of the vendor (`vcgencmd`, `nvidia-smi`) and gives its standard output; undefined: not there, or it failed. */
  readonly run: (command: string, args: readonly string[]) => Promise<string | undefined>;
  /** Calibrations of this device by driver, from the agent's configuration: `rpi-pmic` slope and intercept, shunt values ... */
  readonly calibration?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** One usable sensor. */
export interface SensorSource {
  readonly sensor: Sensor;
  /** A value in the sensor's unit; undefined when it gives none now. Files: synchronous, cheap. Never rejects, never throws. */
  readonly read: () => number | undefined | Promise<number | undefined>;
  /** Sources with the same group are read together in one go (one command, one transfer); the first of them starts it. */
  readonly group?: string;
}

/** What a driver found, and what keeps it from finding more. */
export interface Found {
  readonly sources: readonly SensorSource[];
  /** For `doctor`: what is there and cannot be read, with the one line that gives permission. */
  readonly lacks: ReadonlyArray<{ readonly what: string; readonly remedy: string }>;
}

/** Looks by content, never by number; a sensor is found only after a plausible trial reading. Never rejects. */
export type Discover = (around: Surroundings) => Promise<Found>;

export type HostSensorDriver = Exclude<SensorDriver, MeterDriver>;
