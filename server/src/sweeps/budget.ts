import type { SweepBudget } from '@hilltop/contracts';

/** What a sweep has spent. */
export interface Spent {
  /** Runs that were begun and have ended, or of trials that are open. */
  readonly runs: number;
  readonly deviceSeconds: number;
  readonly wallSeconds: number;
}

/** What is kept back for the last controls. */
export interface KeptBack {
  readonly runs: number;
  /** All devices together. */
  readonly deviceSeconds: number;
  /** The longest: devices measure side by side. */
  readonly wallSeconds: number;
}

export const nothingKept: KeptBack = { runs: 0, deviceSeconds: 0, wallSeconds: 0 };

/** Why nothing more may be begun; undefined while there is something left beside what is kept back. */
export function budgetNote(budget: SweepBudget, spent: Spent, kept: KeptBack): string | undefined {
  const { runs, deviceMinutes, wallMinutes } = budget;
  if (runs !== undefined && spent.runs + kept.runs >= runs) return `the budget of ${runs} runs is used up`;
  if (deviceMinutes !== undefined && spent.deviceSeconds + kept.deviceSeconds >= deviceMinutes * 60)
    return `the budget of ${deviceMinutes} device minutes is used up`;
  if (wallMinutes !== undefined && spent.wallSeconds + kept.wallSeconds >= wallMinutes * 60)
    return `the budget of ${wallMinutes} minutes is used up`;
  return undefined;
}
