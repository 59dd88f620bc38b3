import type { EnvironmentChange, Gate, GateRow } from '@hilltop/contracts';

export interface Cause {
  /** `runtime onnxruntime 1.30 cpu → onnxruntime 1.31 cpu` */
  readonly text: string;
  /** Devices on which it changed and something regressed, and all on which something regressed. */
  readonly devices: readonly string[];
  readonly of: number;
  readonly rows: number;
}

/** Changes of the environment that rows which regressed have in common: the most rows first. A hint where to look, no proof. Pure. */
export function causesOf(gate: Pick<Gate, 'rows'>, changes: readonly EnvironmentChange[]): Cause[] {
  const worse = gate.rows.filter(({ verdict, decision }) => verdict === 'worse' && decision?.state !== 'accepted');
  const places = new Set(worse.map(({ deviceId }) => deviceId));
  const groups = new Map<string, EnvironmentChange[]>();
  for (const change of changes) {
    if (!places.has(change.deviceId)) continue;
    const text = changeWords(change);
    groups.set(text, [...(groups.get(text) ?? []), change]);
  }
  return [...groups]
    .map(([text, found]) => ({
      text,
      devices: found.map(({ deviceName }) => deviceName),
      of: places.size,
      rows: rowsOn(worse, found),
    }))
    .sort((a, b) => b.rows - a.rows || a.text.localeCompare(b.text));
}

const rowsOn = (rows: readonly GateRow[], changes: readonly EnvironmentChange[]): number =>
  rows.filter((row) => changes.some(({ deviceId }) => deviceId === row.deviceId)).length;

export const changeWords = ({ fact, before, now }: Pick<EnvironmentChange, 'fact' | 'before' | 'now'>): string =>
  `${fact} ${before ?? 'not told'} → ${now ?? 'not told'}`;
