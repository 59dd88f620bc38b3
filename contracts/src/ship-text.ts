import type { Constraint, FrontierPoint } from './frontier.js';
import { formatMetric, formatNumber } from './metric-text.js';
import { unitFor } from './metric-unit.js';
import { type MetricId, type MetricRow, metrics } from './metrics.js';
import { pointLabel } from './point-label.js';
import { type Goal, nearestMiss, type Recommendation } from './recommendation.js';

const row = (metric: MetricId): MetricRow => metrics[metric];

/** `4.00 ms, 2.5 times better than fp32`. */
function against(metric: MetricId, point: FrontierPoint, fp32: FrontierPoint | undefined): string {
  const value = point.metrics[metric];
  if (!value) return '';
  const text = formatMetric(metric, value.value);
  const reference = fp32?.metrics[metric]?.value;
  if (reference === undefined || fp32 === point || reference <= 0 || value.value <= 0) return text;
  if (row(metric).scale === 'linear') return `${text} (fp32 ${formatMetric(metric, reference)})`;
  const gain = row(metric).direction === 'max' ? value.value / reference : reference / value.value;
  return gain >= 1
    ? `${text}, ${formatNumber(gain, 2)} times better than fp32`
    : `${text}, ${formatNumber(1 / gain, 2)} times worse than fp32`;
}

const superlative: Partial<Record<MetricRow['source'], string>> = {
  latency: 'fastest',
  artifact: 'smallest',
  memory: 'least memory',
  sensor: 'least energy',
};

/** `smallest within 0.5 points of fp32, size_bytes < 64 MB`. */
function goalText(goal: Goal, hasFp32: boolean): string {
  const word =
    row(goal.prefer).direction === 'max'
      ? `best ${row(goal.prefer).label.toLowerCase()}`
      : (superlative[row(goal.prefer).source] ?? `least ${row(goal.prefer).label.toLowerCase()}`);
  const points = Number((goal.within * 100).toFixed(2));
  return [
    hasFp32 ? `${word} within ${points} ${points === 1 ? 'point' : 'points'} of fp32` : word,
    ...goal.constraints.map(constraintText),
  ].join(', ');
}

/** `size ≤ 64 MB`. */
function constraintText({ metric, op, value }: Constraint): string {
  const sign = { '<': 'under', '<=': 'at most', '>': 'over', '>=': 'at least' }[op];
  const unit = unitFor(metric, value);
  return `${row(metric).label.toLowerCase()} ${sign} ${unit.symbol ? formatMetric(metric, value) : formatNumber(value, 2)}`;
}

export interface ShipText {
  readonly tone: 'sure' | 'open' | 'none';
  /** `int8-static`; absent where there is nothing to ship. */
  readonly name?: string;
  readonly reason: string;
}

/** What to ship on a device, and why, in one sentence. */
export function shipText(found: Recommendation, goal: Goal, points: readonly FrontierPoint[]): ShipText {
  switch (found.kind) {
    case 'ship': {
      const { point, fp32 } = found;
      const quality = point.metrics[goal.quality] ? against(goal.quality, point, fp32) : undefined;
      return {
        tone: 'sure',
        name: pointLabel(point),
        reason: `${goalText(goal, fp32?.metrics[goal.quality] !== undefined)}: ${against(goal.prefer, point, fp32)}${
          quality ? `; ${row(goal.quality).label.toLowerCase()} ${quality}` : ''
        }`,
      };
    }
    case 'unsure': {
      const names = found.rivals.slice(0, 3).map(pointLabel).join(', ');
      return {
        tone: 'open',
        ...(found.point && { name: pointLabel(found.point) }),
        reason: `not sure yet: ${names} may be better; measure ${found.rivals.length === 1 ? 'it' : 'them'} again under strict`,
      };
    }
    case 'none':
      return { tone: 'none', reason: noneText(found.because, goal, points) };
  }
}

function noneText(because: 'points' | 'constraints' | 'quality', goal: Goal, points: readonly FrontierPoint[]): string {
  if (because === 'points') return `no clean run with ${row(goal.prefer).label.toLowerCase()} yet`;
  if (because === 'quality') return 'nothing that fits is that close to fp32; allow more points';
  const miss = nearestMiss(points, goal.constraints);
  if (!miss) return 'nothing fits all constraints together';
  return `nothing fits; nearest: relax ${row(miss.constraint.metric).label.toLowerCase()} to ${formatMetric(miss.constraint.metric, miss.value)}`;
}
