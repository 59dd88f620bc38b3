import { type Gate, type GateRow, metrics, pointLabel, type Trend } from '@hilltop/contracts';

export const laneNames = ['regressed', 'improved', 'infrastructure', 'inconclusive', 'same'] as const;
export type LaneName = (typeof laneNames)[number];

const laneOf = {
  worse: 'regressed',
  improved: 'improved',
  inconclusive: 'inconclusive',
  same: 'same',
} as const satisfies Record<GateRow['verdict'], LaneName>;

/** How sure that something changed, of a row whose verdict says so: 1 - q, or 1 - p; of what is exact, 1. */
export function surenessOf({ q, p, test }: Pick<GateRow, 'q' | 'p' | 'test'>): number | undefined {
  const chance = q ?? p;
  if (chance !== undefined) return 1 - chance;
  return test === 'exact' ? 1 : undefined;
}

/** Never rounded up to certain: `> 0.99`. */
export function sureText(row: Pick<GateRow, 'q' | 'p' | 'test' | 'verdict'>): string {
  if (row.test === 'exact') return 'exact';
  const sure = surenessOf(row);
  if (sure === undefined) return '';
  return sure > 0.99 ? '>\u00a00.99' : sure.toFixed(2);
}

export function sureWords(row: Pick<GateRow, 'q' | 'p' | 'test' | 'verdict'>): string {
  if (row.verdict === 'same') return 'within the threshold';
  if (row.verdict === 'inconclusive') return 'cannot be told';
  if (row.test === 'exact') return 'counted, not estimated';
  const sure = surenessOf(row) ?? 0;
  return sure >= 0.99 ? 'almost sure' : sure >= 0.95 ? 'sure' : 'likely';
}

/** `+7.1 % [5.8, 8.4]`, qualities in points; what is better stays what it is: the sign is of the number, not of the judgement. */
export function changeText({
  scale,
  change,
  low,
  high,
  test,
}: Pick<GateRow, 'scale' | 'change' | 'low' | 'high' | 'test'>): string {
  const part = (value: number): number => 100 * (scale === 'ratio' ? value - 1 : value);
  const digits = Math.max(Math.abs(part(low)), Math.abs(part(high))) >= 10 ? 1 : 2;
  const signed = (value: number): string => {
    const text = part(value).toFixed(digits);
    return Number(text) > 0
      ? `+${text}`
      : Number(text) === 0
        ? Math.abs(Number(text)).toFixed(digits)
        : text.replace('-', '−');
  };
  const unit = scale === 'ratio' ? '\u00a0%' : '\u00a0points';
  return test === 'exact' && low === high
    ? `${signed(change)}${unit}`
    : `${signed(change)}${unit} [${signed(low)}, ${signed(high)}]`;
}

export interface RowView {
  readonly row: GateRow;
  readonly lane: LaneName;
  readonly isAccepted: boolean;
  /** `int8-static latency p50 on rpi4-a`. */
  readonly name: string;
  /** Values of the nights before, oldest first, and tonight's last; relative to the control where there is one. */
  readonly history: readonly number[];
}

const seriesKey = ({
  modelId,
  recipe,
  settings,
  deviceId,
  metric,
}: Pick<GateRow, 'modelId' | 'recipe' | 'settings' | 'deviceId' | 'metric'>) =>
  `${modelId} ${pointLabel({ recipe, settings })} ${deviceId} ${metric}`;

const laneRank: Record<LaneName, number> = { regressed: 0, improved: 1, infrastructure: 2, inconclusive: 3, same: 4 };

/** Rows by how sure, within their lane: regressions first; what somebody accepted comes last. Pure. */
export function rowViews(gate: Pick<Gate, 'rows'>, trends: readonly Trend[]): RowView[] {
  const series = new Map(
    trends.map((trend) => [seriesKey(trend), trend.nights.map((night) => night.relative ?? night.value)]),
  );
  return gate.rows
    .map((row) => ({
      row,
      lane: laneOf[row.verdict],
      isAccepted: row.decision?.state === 'accepted',
      name: `${pointLabel(row)} ${metrics[row.metric].label} on ${row.deviceName}`,
      history: series.get(seriesKey(row)) ?? [],
    }))
    .sort(
      (a, b) =>
        Number(a.isAccepted) - Number(b.isAccepted) ||
        laneRank[a.lane] - laneRank[b.lane] ||
        (surenessOf(b.row) ?? 0) - (surenessOf(a.row) ?? 0) ||
        a.row.row - b.row.row,
    );
}

/** What a gate says, and against what. */
export const verdictWords = {
  worse: 'Gate failed',
  improved: 'Gate passed: improved',
  same: 'Gate passed',
  inconclusive: 'Gate inconclusive',
} as const satisfies Record<Gate['verdict'], string>;
