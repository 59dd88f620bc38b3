import type { Gate, GateRow, NewsKind, NewsRow } from '@hilltop/contracts';

export interface GateNews {
  readonly kind: Extract<NewsKind, 'regression' | 'improvement' | 'inconclusive' | 'recovered'>;
  readonly text: string;
  readonly rows: readonly NewsRow[];
  readonly rowCount: number;
}

const mostRows = 20;

/**
 * What a gate says that the one before it did not: `before` is of the same series (sweep name and baseline). Undefined: nothing new, as when the same
 * rows are worse as the night before. Pure.
 */
export function gateNews(gate: Gate, before: Gate | undefined): GateNews | undefined {
  const { verdict, sweepName, baselineName, counts } = gate;
  const about = `${sweepName} against ${baselineName}`;
  const found = (kind: GateNews['kind'], text: string, of: GateRow['verdict'][]): GateNews => {
    const rows = changed(gate, of);
    return { kind, text: text.slice(0, 1000), rows: rows.slice(0, mostRows).map(newsRow), rowCount: rows.length };
  };
  if (verdict === 'worse') {
    const rows = changed(gate, ['worse']);
    const known = new Set(before ? changed(before, ['worse']).map(keyOf) : []);
    if (before?.verdict === 'worse' && rows.every((row) => known.has(keyOf(row)))) return undefined;
    return found(
      'regression',
      `${about}: ${worst(rows)}${rows.length > 1 ? `, and ${rows.length - 1} more worse` : ''}`,
      ['worse'],
    );
  }
  if (verdict === 'inconclusive') {
    if (before?.verdict === 'inconclusive') return undefined;
    return found(
      'inconclusive',
      `${about}: ${counts.inconclusive} of its rows say neither same nor worse, ${counts.missing} are missing`,
      [],
    );
  }
  if (verdict === 'improved') {
    const known = new Set(before ? changed(before, ['improved']).map(keyOf) : []);
    const rows = changed(gate, ['improved']);
    if (before?.verdict === 'improved' && rows.every((row) => known.has(keyOf(row)))) return undefined;
    return found(
      'improvement',
      `${about}: ${worst(rows)}${rows.length > 1 ? `, and ${rows.length - 1} more improved` : ''}`,
      ['improved'],
    );
  }
  if (before && before.verdict !== 'same' && before.verdict !== 'improved')
    return found('recovered', `${about}: the same again, after ${before.verdict}`, []);
  return undefined;
}

/** Rows with one of these verdicts that nobody has accepted, the largest change first. */
function changed(gate: Gate, verdicts: readonly GateRow['verdict'][]): GateRow[] {
  return gate.rows
    .filter((row) => verdicts.includes(row.verdict) && row.decision?.state !== 'accepted')
    .sort((a, b) => size(b) - size(a) || a.row - b.row);
}

const size = ({ scale, change }: GateRow): number =>
  scale === 'ratio' ? Math.abs(Math.log(change)) : Math.abs(change);

const keyOf = ({ modelId, recipe, settings, deviceId, protocol, metric }: GateRow): string =>
  JSON.stringify([modelId, recipe, Object.entries(settings).sort(), deviceId, protocol, metric]);

function worst(rows: readonly GateRow[]): string {
  const [row] = rows;
  if (!row) return 'no row is open';
  const percent = row.scale === 'ratio' ? (row.change - 1) * 100 : row.change * 100;
  const by = `${percent >= 0 ? '+' : '−'}${Math.abs(percent).toFixed(1)} ${row.scale === 'ratio' ? '%' : 'points'}`;
  return `${row.metric} of ${row.modelName} ${row.recipe} on ${row.deviceName} ${by}`;
}

const newsRow = ({ modelName, recipe, deviceName, metric, scale, change, low, high }: GateRow): NewsRow => ({
  modelName,
  recipe,
  deviceName,
  metric,
  scale,
  change,
  low,
  high,
});
