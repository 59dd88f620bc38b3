import { metrics, pointLabel, type Trend, type TrendChange } from '@hilltop/contracts';

export interface TrendRow {
  readonly trend: Trend;
  readonly name: string;
  readonly values: readonly number[];
  /** The newest change, where one was found. */
  readonly change?: TrendChange;
}

/** Series with a change first, the newest change on top; the others by name. Pure. */
export function trendRows(trends: readonly Trend[]): TrendRow[] {
  return trends
    .filter(({ nights }) => nights.length > 1)
    .map((trend) => {
      const change = trend.changes.at(-1);
      return {
        trend,
        name: `${pointLabel(trend)} ${metrics[trend.metric].label} · ${trend.modelName} on ${trend.deviceName}`,
        values: trend.nights.map(({ value, relative }) => relative ?? value),
        ...(change && { change }),
      };
    })
    .sort((a, b) => (b.change?.at ?? '').localeCompare(a.change?.at ?? '') || a.name.localeCompare(b.name));
}

/** `+7.1 %` after / before, qualities in points. */
export function stepText(scale: Trend['scale'], change: number): string {
  const part = 100 * (scale === 'ratio' ? change - 1 : change);
  return `${part < 0 ? '−' : '+'}${Math.abs(part).toFixed(1)}\u00a0${scale === 'ratio' ? '%' : 'points'}`;
}
