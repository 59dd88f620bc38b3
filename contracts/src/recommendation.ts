import { type Constraint, type FrontierPoint, meets } from './frontier.js';
import { type MetricId, type MetricRow, type MetricValue, metrics } from './metrics.js';

/** What somebody wants to ship: the least of one metric, at so much quality, under constraints. */
export interface Goal {
  /** What is to be least (of a quality: most). */
  readonly prefer: MetricId;
  readonly quality: MetricId;
  /** How far below fp32 the quality may be, in the quality's own unit: 0.01 of an accuracy is one point. */
  readonly within: number;
  readonly constraints: readonly Constraint[];
}

export type Recommendation =
  | { readonly kind: 'ship'; readonly point: FrontierPoint; readonly fp32: FrontierPoint | undefined }
  /** Points that may be better than the best sure one (or all there is), but are not surely on the frontier, or not surely within the constraints. */
  | { readonly kind: 'unsure'; readonly rivals: readonly FrontierPoint[]; readonly point: FrontierPoint | undefined }
  /** `points`: nothing measured; else what excludes the last candidates. */
  | { readonly kind: 'none'; readonly because: 'points' | 'constraints' | 'quality' };

/** A point is recommended only when it is non-dominated in at least this share of re-draws. */
export const sureEnough = 0.9;

/**
 * The point to ship: of those that are clean, non-dominated in at least 90 of 100 re-draws, within the constraints with the whole 95 %
 * interval and of enough quality, the one with the least of what is preferred. A better one that is not sure yet makes it `unsure`.
 */
export function recommend(points: readonly FrontierPoint[], goal: Goal): Recommendation {
  const clean = points.filter((p) => p.verdict === 'clean' && p.unstable === undefined && p.metrics[goal.prefer]);
  if (clean.length === 0) return { kind: 'none', because: 'points' };
  const fp32 = clean.find((p) => p.recipe === 'fp32');
  const allowed = clean.filter((p) => goal.constraints.every((c) => meets(c, p.metrics)));
  if (allowed.length === 0) return { kind: 'none', because: 'constraints' };
  const good = allowed.filter((p) => hasQuality(p, fp32, goal));
  if (good.length === 0) return { kind: 'none', because: 'quality' };
  const ordered = [...good].sort((a, b) => costOf(a, goal.prefer) - costOf(b, goal.prefer));
  const isSure = (p: FrontierPoint): boolean =>
    p.probability >= sureEnough && goal.constraints.every((c) => surelyMeets(c, p.metrics[c.metric]));
  const at = ordered.findIndex(isSure);
  const point = ordered[at];
  const rivals = ordered.slice(0, at < 0 ? undefined : at).filter((p) => p.status !== 'dominated');
  if (point && rivals.length === 0) return { kind: 'ship', point, fp32 };
  // Everything left is surely beaten by something of less quality than asked: the least of it is still the answer.
  if (rivals.length === 0) return { kind: 'ship', point: ordered[0]!, fp32 };
  return { kind: 'unsure', rivals, point };
}

/** A constraint that an axis excludes last: how far the nearest point is from meeting it. */
export function nearestMiss(
  points: readonly FrontierPoint[],
  constraints: readonly Constraint[],
): { readonly constraint: Constraint; readonly value: number; readonly fits: number } | undefined {
  const misses = constraints.flatMap((constraint) => {
    const others = points.filter((p) => constraints.every((c) => c === constraint || meets(c, p.metrics)));
    const values = others.flatMap((p) => p.metrics[constraint.metric]?.value ?? []);
    if (values.length === 0) return [];
    const value = constraint.op.startsWith('<') ? Math.min(...values) : Math.max(...values);
    return [{ constraint, value, fits: values.filter((v) => v === value).length }];
  });
  const stretch = (m: (typeof misses)[number]): number => Math.abs(Math.log(m.value / m.constraint.value));
  return misses.sort((a, b) => stretch(a) - stretch(b))[0];
}

const direction = (metric: MetricId): MetricRow['direction'] => (metrics[metric] as MetricRow).direction;

function costOf(point: FrontierPoint, metric: MetricId): number {
  const value = point.metrics[metric]!.value;
  return direction(metric) === 'max' ? -value : value;
}

function hasQuality(point: FrontierPoint, fp32: FrontierPoint | undefined, { quality, within }: Goal): boolean {
  const reference = fp32?.metrics[quality]?.value;
  const value = point.metrics[quality]?.value;
  // A model without data has no quality; nothing can be asked of it then.
  if (reference === undefined) return true;
  if (value === undefined) return false;
  const loss = direction(quality) === 'max' ? reference - value : value - reference;
  return loss <= within + 1e-12;
}

function surelyMeets(constraint: Constraint, value: MetricValue | undefined): boolean {
  if (!value) return false;
  const worst = constraint.op.startsWith('<') ? (value.high ?? value.value) : (value.low ?? value.value);
  return meets(constraint, { [constraint.metric]: { ...value, value: worst } });
}
