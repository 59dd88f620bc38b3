import { type EnvironmentChange, type Gate, type GateRow, metrics, type Night, pointLabel } from '@hilltop/contracts';
import { changeWords } from '../gate/causes.js';
import { changeText, surenessOf } from '../gate/gate-rows.js';
import { lostOf } from '../gate/rerun-file.js';
import { isGood } from './night-words.js';

/** The newest judged night, and the newest good one before it (or itself, where it is good). */
export function nightsToCompare(nights: readonly Night[]): { readonly newest?: Night; readonly good?: Night } {
  const newest = nights.find(({ gate }) => gate !== undefined);
  const good = nights.find(isGood);
  return { ...(newest && { newest }), ...(good && { good }) };
}

export interface News {
  readonly lane: 'regressed' | 'improved' | 'infrastructure' | 'environment';
  readonly text: string;
  /** Row of the gate. */
  readonly row?: number;
}

export interface SinceGood {
  readonly sentence: string;
  readonly items: readonly News[];
}

const keyOf = ({ modelId, recipe, settings, deviceId, metric }: GateRow): string =>
  JSON.stringify([modelId, pointLabel({ recipe, settings }), deviceId, metric]);

/**
 * What is otherwise since the last good night, both held against their baseline: rows that were not so then, what the lab
 * lost, and what changed on the devices. `environment`: since that night. Pure.
 */
export function sinceGood(newest: Gate, good: Gate | undefined, environment: readonly EnvironmentChange[]): SinceGood {
  const before = new Map((good?.rows ?? []).map((row) => [keyOf(row), row.verdict]));
  const open = newest.rows.filter(({ decision }) => decision?.state !== 'accepted');
  const changed = (verdict: 'worse' | 'improved'): GateRow[] =>
    open
      .filter((row) => row.verdict === verdict && before.get(keyOf(row)) !== verdict)
      .sort((a, b) => (surenessOf(b) ?? 0) - (surenessOf(a) ?? 0) || a.row - b.row);
  const [worse, improved, lost] = [changed('worse'), changed('improved'), lostOf(newest)];
  const devices = new Set(lost.map(({ deviceName }) => deviceName));
  const items: News[] = [
    ...worse.map((row) => rowNews(row, 'regressed')),
    ...improved.map((row) => rowNews(row, 'improved')),
    ...[...devices].map((name): News => {
      const count = lost.filter(({ deviceName }) => deviceName === name).length;
      return {
        lane: 'infrastructure',
        text: `${count} ${count === 1 ? 'result is' : 'results are'} missing on ${name}`,
      };
    }),
    ...newest.environment.map(
      ({ deviceName, recipe, ratio }): News => ({
        lane: 'infrastructure',
        text: `the control ${recipe} on ${deviceName} changed by itself: × ${ratio.toFixed(3)}`,
      }),
    ),
    ...environment.map(
      (change): News => ({ lane: 'environment', text: `${change.deviceName}: ${changeWords(change)}` }),
    ),
  ];
  return { sentence: sentenceOf(worse.length, improved.length, items), items };
}

function rowNews(row: GateRow, lane: 'regressed' | 'improved'): News {
  return {
    lane,
    row: row.row,
    text: `${pointLabel(row)} ${metrics[row.metric].label} on ${row.deviceName} ${changeText(row)}`,
  };
}

function sentenceOf(worse: number, improved: number, items: readonly News[]): string {
  const count = (lane: News['lane']): number => items.filter((item) => item.lane === lane).length;
  const parts = [
    ...(worse > 0 ? [`${worse} regressed`] : []),
    ...(improved > 0 ? [`${improved} improved`] : []),
    ...(count('infrastructure') > 0
      ? [
          `${count('infrastructure')} ${count('infrastructure') === 1 ? 'infrastructure problem' : 'infrastructure problems'}`,
        ]
      : []),
    ...(count('environment') > 0
      ? [`${count('environment')} ${count('environment') === 1 ? 'thing' : 'things'} changed on the devices`]
      : []),
  ];
  return parts.length === 0 ? 'nothing changed' : parts.join(', ');
}
