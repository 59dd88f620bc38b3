import { isLabError, LabError, packItems, type Recipe, type TensorPack } from '@hilltop/contracts';
import type { ModelFacts } from './check-model.js';
import type { Host } from './host.js';
import { screenVariant } from './screen.js';

export interface FloorQuestion {
  readonly recipe: Recipe;
  readonly model: Uint8Array;
  readonly facts: ModelFacts;
  readonly artifact: Uint8Array;
  /** Validation data; or what the passes learned from: a variant that is bad even on that is bad. */
  readonly pack: TensorPack;
  readonly host: Host;
  readonly signal?: AbortSignal;
}

/** Enough to see that something broke; how good a variant is, screening tells. */
const items = 64;

/** Throws `recipe.below-floor` where a variant keeps less of its model than its recipe declares, on the first items. */
export async function checkFloor(question: FloorQuestion): Promise<void> {
  const { recipe, model, facts, artifact, pack, host, signal } = question;
  const { floor } = recipe;
  if (!floor) return;
  // A model that takes more items at once gets as many as it takes.
  const batch = Math.max(items, ...facts.inputs.map(({ dims }) => (typeof dims[0] === 'number' ? dims[0] : 0)));
  const validation = packItems(pack, 0, Math.min(pack.items, batch));
  const screening = await screenVariant({
    model,
    variant: artifact,
    validation,
    host,
    floor,
    ...(signal && { signal }),
  }).catch((error: unknown) => {
    // Data that does not fit the model says nothing of the variant; whoever screens with it is told.
    if (isLabError(error) && error.code.startsWith('data.')) return undefined;
    throw error;
  });
  if (!screening?.belowFloor) return;
  const { belowFloor, metrics } = screening;
  const reached = metrics.sqnr_db?.value;
  throw new LabError(
    'recipe.below-floor',
    `${recipe.name} would leave too little of this model: ${belowFloor.map((metric) => `${metric} ${metrics[metric]?.value.toFixed(1) ?? 'none'}, of at least ${floor[metric]}`).join('; ')}. Take a safer recipe, or give calibration data that is like what the model will see`,
    { recipe: recipe.name, floor, ...(reached !== undefined && { sqnr_db: reached }) },
  );
}
