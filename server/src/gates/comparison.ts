import type { GateRow, GateTest } from '@hilltop/contracts';

/** Two nights of one metric of one point. `worse` of the intervals is what is larger, whatever the metric's direction. */
export interface Comparison {
  readonly value: number;
  readonly baseline: number;
  readonly scale: GateRow['scale'];
  readonly change: number;
  readonly low: number;
  readonly high: number;
  /** As `change`, but 90 %. */
  readonly inner: { readonly low: number; readonly high: number };
  readonly test: GateTest;
  readonly p?: number;
  readonly control?: { readonly ratio: number; readonly low: number; readonly high: number };
  readonly runs: GateRow['runs'];
  readonly n: GateRow['n'];
  /** A control is needed and one of the nights has none. */
  readonly uncontrolled: boolean;
}
