import * as z from 'zod';
import { MetricValues } from './metrics.js';

/** Paired comparison of a variant with its model, item by item on labelled data (McNemar's test). */
export const PairedComparison = z.object({
  /** Items both, only the model, only the variant, neither of them got right. */
  both: z.number().int().min(0),
  onlyModel: z.number().int().min(0),
  onlyVariant: z.number().int().min(0),
  neither: z.number().int().min(0),
  /** Exact two-sided McNemar p-value: how surprising the difference would be between equals. */
  pValue: z.number().min(0).max(1),
  /** Accuracy of the variant minus the model's, as a share, with its 95 % interval from the pairs. */
  difference: z.object({ value: z.number(), low: z.number(), high: z.number() }),
});
export type PairedComparison = z.infer<typeof PairedComparison>;

/**
 * Quality of a variant as the coordinator found it, before any device ran it. Always on validation data: for choosing, not
 * for reporting. Which metrics are there depends on the data: labels, two classes, more than five classes, numbers.
 */
export const Screening = z.object({
  set: z.literal('validation'),
  /** Items compared: those that fill the model's batches; of very large outputs the first ones. */
  items: z.number().int().min(1),
  metrics: MetricValues,
  /** With labels only. */
  comparison: PairedComparison.optional(),
  /** What the recipe declared as its least and the variant did not reach; something broke. */
  belowFloor: z.array(z.enum(['agreement', 'sqnr_db'])).optional(),
});
export type Screening = z.infer<typeof Screening>;

/** How sure it is that a variant keeps its model's accuracy. `open`: the items do not tell. */
export interface NoWorse {
  readonly verdict: 'holds' | 'open' | 'worse';
  /** `no worse than fp32 by more than 1 point` */
  readonly statement: string;
  /** One line for people, with the difference and its interval. */
  readonly text: string;
}

/**
 * "No worse than fp32 by more than `margin`" (a share: 0.01 is one point) as a statement: it holds when the whole 95 % interval of
 * the paired difference lies above -margin; `worse` when it lies below; else the data leaves it open.
 */
export function noWorse({ difference }: PairedComparison, margin: number): NoWorse {
  const verdict = difference.low >= -margin ? 'holds' : difference.high < -margin ? 'worse' : 'open';
  const by = margin === 0 ? '' : ` by more than ${pointsText(margin)}`;
  const statement = {
    holds: `no worse than fp32${by}`,
    open: `may be worse than fp32${by}`,
    worse: `worse than fp32${by}`,
  };
  return { verdict, statement: statement[verdict], text: `${statement[verdict]}: ${differenceText(difference)}` };
}

/** `-0.30 points (-0.80 – +0.20)`: a difference of shares with its interval. */
export function differenceText({ value, low, high }: PairedComparison['difference']): string {
  const digits = Math.max(Math.abs(low), Math.abs(high)) < 0.01 ? 2 : 1;
  const points = (share: number): string => {
    const text = (share * 100).toFixed(digits);
    // A rounded nothing has no sign.
    return Number(text) === 0 ? Math.abs(Number(text)).toFixed(digits) : share > 0 ? `+${text}` : text;
  };
  return `${points(value)} points (${points(low)} – ${points(high)})`;
}

const pointsText = (share: number): string => {
  const count = Number((share * 100).toFixed(2));
  return `${count} ${count === 1 ? 'point' : 'points'}`;
};
