import type { Report, Trial } from '@hilltop/contracts';

export interface TopTrial {
  readonly trial: Trial;
  /** What it added to the hypervolume of its device; absent for the first that has one. */
  readonly gain?: number;
  readonly status?: 'on' | 'uncertain' | 'dominated';
}

/** Succeeded trials that are worth a look: those on the frontier, by what they added to it, then the rest in order. */
export function topTrials({ trials, frontiers }: Pick<Report, 'trials' | 'frontiers'>): TopTrial[] {
  const status = new Map<string, TopTrial['status']>();
  for (const { frontier } of frontiers)
    for (const point of frontier.points) for (const runId of point.runs) status.set(runId, point.status);
  const gains = gainsOf(trials);
  const rank = { on: 0, uncertain: 1, dominated: 2 } as const;
  const rankOf = (top: TopTrial): number => (top.status === undefined ? 3 : rank[top.status]);
  return trials
    .filter(({ state }) => state === 'succeeded')
    .map((trial): TopTrial => {
      const gain = gains.get(trial.id);
      const at = trial.runId === undefined ? undefined : status.get(trial.runId);
      return { trial, ...(gain !== undefined && { gain }), ...(at && { status: at }) };
    })
    .sort((a, b) => rankOf(a) - rankOf(b) || (b.gain ?? 0) - (a.gain ?? 0) || a.trial.number - b.trial.number);
}

/** Trial -> what the hypervolume of its place rose by when it ended. */
function gainsOf(trials: readonly Trial[]): Map<string, number> {
  const gains = new Map<string, number>();
  const before = new Map<string, number>();
  const ended = trials
    .filter(({ endedAt, hypervolume }) => endedAt !== undefined && hypervolume !== undefined)
    .sort((a, b) => Date.parse(a.endedAt!) - Date.parse(b.endedAt!) || a.number - b.number);
  for (const { id, modelId, deviceId, hypervolume } of ended) {
    const place = `${modelId} ${deviceId}`;
    const last = before.get(place);
    if (last !== undefined) gains.set(id, hypervolume! - last);
    before.set(place, hypervolume!);
  }
  return gains;
}
