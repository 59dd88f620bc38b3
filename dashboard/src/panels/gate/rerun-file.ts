import type { Gate, GateMissing, SweepFile, SweepFileInput } from '@hilltop/contracts';

/** Points of the baseline that tonight has no result of. */
export const lostOf = ({ missing }: Pick<Gate, 'missing'>): GateMissing[] =>
  missing.filter((each) => each.in === 'sweep');

/** Points, not metrics of one point. */
export const lostPoints = (lost: readonly GateMissing[]): number =>
  new Set(lost.map(({ modelId, recipe, settings, deviceId }) => JSON.stringify([modelId, recipe, settings, deviceId])))
    .size;

/** A sweep of what is missing alone, measured as the night was: same protocol, control, replicates. Pure. */
export function rerunFile(file: SweepFile, lost: readonly GateMissing[]): SweepFileInput {
  const of = (pick: (each: GateMissing) => string): string[] => [...new Set(lost.map(pick))].sort();
  return {
    ...file,
    name: `${file.name.slice(0, 94)} again`,
    models: of(({ modelId }) => modelId),
    recipes: of(({ recipe }) => recipe),
    selector: { devices: of(({ deviceId }) => deviceId), labels: {} },
    sampler: { name: 'grid', seed: file.sampler.seed },
  };
}
