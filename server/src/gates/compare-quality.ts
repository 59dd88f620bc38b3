import { type MetricId, normalQuantile975 } from '@hilltop/contracts';
import { itemsOf, unpackBits } from '../summaries/item-bits.js';
import type { NightRuns } from './compare-ratio.js';
import type { Comparison } from './comparison.js';
import { mcNemar } from './mcnemar.js';
import type { MeasuredRun } from './measured-run.js';
import { normalP } from './tails.js';

const exactlyZero = { change: 0, low: 0, high: 0, inner: { low: 0, high: 0 } } as const;
/** Of a standard normal: half of a 90 % interval. */
const normalQuantile95 = 1.6448536269514722;

/**
 * now - before of a quality: item by item where both nights evaluated the same set, else by their intervals. The newest run
 * of each night counts: an artifact answers as it does. Undefined where a night has none, or the sets differ.
 */
export function compareQuality(metric: MetricId, now: NightRuns, before: NightRuns): Comparison | undefined {
  const [a, b] = [newest(now, metric), newest(before, metric)];
  if (!a || !b || a.evaluationSha256 !== b.evaluationSha256) return undefined;
  const common = {
    scale: 'difference' as const,
    runs: { now: now.subject.length, before: before.subject.length },
    uncontrolled: false,
  };
  const paired = pairedItems(a, b, metric);
  if (paired) {
    const n = paired.now.length;
    const found = mcNemar(paired.before, paired.now);
    const share = (items: Uint8Array): number => items.reduce((sum, right) => sum + right, 0) / n;
    const values = { value: share(paired.now), baseline: share(paired.before), n: { now: n, before: n } };
    // The same bytes gave the same answers: nothing of it is chance.
    if (found.lost + found.won === 0 && a.artifactSha256 !== undefined && a.artifactSha256 === b.artifactSha256)
      return { ...common, ...values, ...exactlyZero, test: 'exact' };
    return {
      ...common,
      ...values,
      change: found.value,
      low: found.low,
      high: found.high,
      inner: around(found.value, (found.high + found.low) / 2, found.deviation),
      test: 'mcnemar',
      p: found.p,
    };
  }
  const [after, earlier] = [a.metrics[metric]!, b.metrics[metric]!];
  const change = after.value - earlier.value;
  const deviation = Math.hypot(
    ...[after, earlier].map(({ low, high, value }) => ((high ?? value) - (low ?? value)) / (2 * normalQuantile975)),
  );
  const half = normalQuantile975 * deviation;
  return {
    ...common,
    value: after.value,
    baseline: earlier.value,
    change,
    low: change - half,
    high: change + half,
    inner: around(change, change, deviation),
    ...(deviation === 0 ? { test: 'exact' as const } : { test: 'normal' as const, p: normalP(change / deviation) }),
    n: { now: after.n, before: earlier.n },
  };
}

function around(value: number, centre: number, deviation: number): { low: number; high: number } {
  const half = normalQuantile95 * deviation;
  return { low: Math.min(value, centre - half), high: Math.max(value, centre + half) };
}

const newest = ({ subject }: NightRuns, metric: MetricId): MeasuredRun | undefined =>
  subject.findLast((run) => run.metrics[metric] !== undefined);

/** Right or wrong of the items that both evaluated; a subset is the beginning of one fixed order. */
function pairedItems(
  now: MeasuredRun,
  before: MeasuredRun,
  metric: MetricId,
): { readonly now: Uint8Array; readonly before: Uint8Array } | undefined {
  const [a, b] = [now.basis.items[metric], before.basis.items[metric]];
  if (!a || !b || itemsOf(a).of !== itemsOf(b).of) return undefined;
  const whole = [a, b].map((bits) => bits.of === undefined);
  // All of the set are in its own order, a subset in another: those two are paired by their places in the set.
  if (whole[0] !== whole[1]) {
    const [all, part] = whole[0] ? [a, b] : [b, a];
    const places = itemsOf(part).items!;
    const rights = unpackBits(all);
    const ofAll = Uint8Array.from(places, (place) => rights[place]!);
    return whole[0] ? { now: ofAll, before: unpackBits(part) } : { now: unpackBits(part), before: ofAll };
  }
  const n = Math.min(a.n, b.n);
  return { now: unpackBits(a).subarray(0, n), before: unpackBits(b).subarray(0, n) };
}
