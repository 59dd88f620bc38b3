import type { LabError } from '@hilltop/contracts';
import type { Meter } from './meter.js';

/** A meter with its line, which may break. */
export interface OpenedMeter extends Meter {
  /** Told once when nothing will ever come from it again; undefined: it was closed from here. */
  readonly onClose: (listener: (reason: LabError | undefined) => void) => () => void;
  /** Of the times it tells, against the clock of the marks: standard uncertainty now, ms. */
  readonly clockMs: () => number;
}
