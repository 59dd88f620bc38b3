import { type ChartAxis, lowerFirst } from './chart-axis.js';
import type { Constraint } from './frontier.js';
import type { ChartLimit, ChartModel } from './frontier-chart.js';
import { formatMetric } from './metric-text.js';
import { unitFor } from './metric-unit.js';
import { type MetricRow, metrics } from './metrics.js';

/** The lines of the constraints on the two axes, and what each excludes. */
export function limitsOf(
  constraints: readonly Constraint[],
  x: ChartAxis,
  y: ChartAxis,
  plot: ChartModel['plot'],
): ChartLimit[] {
  const sign = { '<': '<', '<=': '≤', '>': '>', '>=': '≥' } as const;
  return constraints.flatMap((constraint): ChartLimit[] => {
    const axis = constraint.metric === x.metric ? x : constraint.metric === y.metric ? y : undefined;
    if (!axis || (axis.scale.kind === 'log' && constraint.value <= 0)) return [];
    const unit = unitFor(constraint.metric, constraint.value);
    const label = `${lowerFirst((metrics[constraint.metric] as MetricRow).label)} ${sign[constraint.op]} ${
      unit.symbol ? formatMetric(constraint.metric, constraint.value) : shortest(constraint.value)
    }`;
    const isUpper = constraint.op.startsWith('<');
    if (axis === x) {
      const exact = x.scale.at(constraint.value);
      const at = clamp(exact, plot.left, plot.right);
      const from = isUpper ? at : plot.left;
      const to = isUpper ? plot.right : at;
      return [
        {
          label: exact < at ? `◂ ${label}` : exact > at ? `${label} ▸` : label,
          axis: 'x',
          at,
          excluded: { x: from, y: plot.top, width: to - from, height: plot.bottom - plot.top },
        },
      ];
    }
    const exact = y.scale.at(constraint.value);
    const at = clamp(exact, plot.top, plot.bottom);
    const from = isUpper ? plot.top : at;
    const to = isUpper ? at : plot.bottom;
    return [
      {
        label: exact < at ? `▴ ${label}` : exact > at ? `▾ ${label}` : label,
        axis: 'y',
        at,
        excluded: { x: plot.left, y: from, width: plot.right - plot.left, height: to - from },
      },
    ];
  });
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/** `0.85`, `0.915`: two decimals, more where they were asked for. */
const shortest = (value: number): string =>
  value.toFixed(Math.max(2, (String(Number(value.toPrecision(6))).split('.')[1] ?? '').length));
