import type { Screening } from '@hilltop/contracts';

export type Measure = 'accuracy' | 'agreement' | 'sqnr';

export interface Budget {
  readonly measure: Measure;
  /** Points (1 = one percent of the items) of accuracy or agreement that may be lost. */
  readonly points: number;
  /** Least signal to noise in dB, for measure `sqnr`. */
  readonly leastDb: number;
}

/** What a variant has left, judged by a budget. */
export interface Verdict {
  readonly holds: boolean;
  /** Higher is better, whatever the measure: to compare variants with. */
  readonly score: number;
  /** For people: `0.2 points of accuracy lost`. */
  readonly text: string;
}

/** The measure the data allows: accuracy needs labels, agreement a model that names classes. */
export function usableMeasure(wanted: Measure, { metrics }: Screening): Measure {
  if (wanted === 'accuracy' && metrics.accuracy) return 'accuracy';
  if (wanted !== 'sqnr' && metrics.agreement) return 'agreement';
  return 'sqnr';
}

/** Judges what screening on validation data found. */
export function judge({ metrics, comparison }: Screening, { measure, points, leastDb }: Budget): Verdict {
  if (measure === 'sqnr') {
    // Without noise there is no ratio; without a finite output there is no error either.
    const db =
      metrics.sqnr_db?.value ?? (metrics.mse?.value === 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY);
    return { holds: db >= leastDb, score: db, text: `${db.toFixed(1)} dB of at least ${leastDb}` };
  }
  const kept = measure === 'accuracy' ? (comparison?.difference.value ?? -1) : (metrics.agreement?.value ?? 0) - 1;
  const lost = -100 * kept;
  const text = `${pointsText(Math.abs(lost))} of ${measure} ${lost < -1e-9 ? 'gained' : 'lost'}, a loss of ${points} allowed`;
  // A budget of 0.3 points is 3 of 1000 items, whatever binary fractions make of it.
  return { holds: lost <= points + 1e-9, score: kept, text };
}

const pointsText = (points: number): string => {
  const rounded = Number(points.toFixed(2));
  return `${rounded} ${rounded === 1 ? 'point' : 'points'}`;
};
