import {
  type Device,
  LabError,
  type Objective,
  type RunSettings,
  type SettingsChoice,
  type SweepFile,
  type SweepLeftOut,
  settingsKey,
  settingsRefusal,
} from '@hilltop/contracts';
import { type PlacePlan, placeKeyOf, pointsOf, type SweepPlan } from './sweep-plan.js';

/** More points than this are a mistake in the file rather than a search. */
export const mostPoints = 20_000;

/** A board has one core and runs the plan as it is: threads and graph levels mean nothing to it. */
const boardSettings: readonly RunSettings[] = [{ threads: 1, graphLevel: 'all' }];

/** Why something cannot be tried. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

/** A recipe or variant by name, as far as it concerns what can be tried. */
export interface SpaceRecipe {
  readonly name: string;
  /** Model id -> why this model cannot have it. */
  readonly refusals: ReadonlyMap<string, Refusal>;
  /** `<model id> <device id>` -> why it cannot run there, as far as that is known already. */
  readonly misfits: ReadonlyMap<string, Refusal>;
}

export interface SpaceModel {
  readonly id: string;
  readonly name: string;
  readonly objectives: readonly Objective[];
  /** Items of one inference as it was pushed; 1 may be a free axis, which only the runtime can tell. */
  readonly ownBatch: number;
}

export interface SpaceInput {
  readonly file: Pick<SweepFile, 'settings' | 'control'>;
  readonly models: readonly SpaceModel[];
  readonly devices: readonly Pick<Device, 'id' | 'name' | 'kind' | 'type' | 'emulated' | 'facts'>[];
  /** In the order of the grid. */
  readonly recipes: readonly SpaceRecipe[];
  readonly control: SpaceRecipe;
}

/** Run settings in every combination, each once. */
export function settingsOf(choice: SettingsChoice): RunSettings[] {
  const { threads, graphLevels, batches, powerModes = [undefined], runtimes = [undefined] } = choice;
  const all = runtimes.flatMap((runtime) =>
    powerModes.flatMap((powerMode) =>
      batches.flatMap((batch) =>
        graphLevels.flatMap((graphLevel) =>
          threads.map(
            (count): RunSettings => ({
              threads: count,
              graphLevel,
              ...(runtime !== undefined && { runtime }),
              ...(batch > 1 && { batch }),
              ...(powerMode !== undefined && { powerMode }),
            }),
          ),
        ),
      ),
    ),
  );
  return [...new Map(all.map((settings) => [settingsKey(settings), settings])).values()];
}

/**
 * What can be tried where: each model on each device, without what is known not to work there; that is counted by its reason.
 * Throws `sweep.empty`, `sweep.too-large`.
 */
export function spaceOf(input: SpaceInput): SweepPlan {
  const { models, devices, recipes, control } = input;
  const chosen = settingsOf(input.file.settings);
  const leftOut = new Map<string, SweepLeftOut>();
  const leave = ({ code, message }: Refusal, points: number): void => {
    if (points === 0) return;
    const key = `${code} ${message}`;
    const before = leftOut.get(key)?.points ?? 0;
    leftOut.set(key, { code, message, points: before + points });
  };
  const places = models.flatMap((model) =>
    devices.map((device): PlacePlan => {
      const isBoard = device.kind === 'microcontroller';
      const settings = isBoard ? boardSettings : chosen.filter((each) => !refusalOf(device, model, each));
      const key = placeKeyOf({ modelId: model.id, deviceId: device.id });
      const objection = (recipe: SpaceRecipe): Refusal | undefined =>
        recipe.refusals.get(model.id) ?? recipe.misfits.get(key);
      const without = recipes.filter((recipe) => objection(recipe));
      for (const recipe of without) leave(objection(recipe)!, settings.length);
      if (!isBoard)
        for (const each of chosen) {
          const refusal = refusalOf(device, model, each);
          if (refusal) leave(refusal, recipes.length);
        }
      return {
        deviceId: device.id,
        deviceName: device.name,
        deviceType: device.type,
        isBoard,
        emulated: device.emulated,
        modelId: model.id,
        modelName: model.name,
        settings,
        without: without.map(({ name }) => name),
        ...(!objection(control) && settings.length > 0 && { control: control.name }),
      };
    }),
  );
  const plan: SweepPlan = {
    recipes: recipes.map(({ name }) => name),
    objectives: Object.fromEntries(models.map(({ id, objectives }) => [id, objectives])),
    variants: {},
    // A control alone is nothing to search.
    places: places.filter((place) => place.settings.length > 0 && place.without.length < recipes.length),
    leftOut: [...leftOut.values()].sort((a, b) => b.points - a.points),
  };
  const points = countOf(plan);
  if (points === 0) {
    const [first] = plan.leftOut;
    throw new LabError(
      'sweep.empty',
      `nothing of this sweep can be tried${first ? `: ${first.message}` : ''}; choose other recipes, settings or devices`,
      { leftOut: plan.leftOut },
    );
  }
  if (points > mostPoints)
    throw new LabError(
      'sweep.too-large',
      `this sweep has ${points} points, at most ${mostPoints} are allowed; vary fewer parameters or settings, or choose fewer devices`,
      { points, most: mostPoints },
    );
  return plan;
}

/** Points of all places together. */
export const countOf = (plan: SweepPlan): number =>
  plan.places.reduce((sum, place) => sum + pointsOf(plan, place).length, 0);

function refusalOf(
  device: SpaceInput['devices'][number],
  model: SpaceModel,
  settings: RunSettings,
): Refusal | undefined {
  const batch = settings.batch ?? 1;
  if (batch > 1 && model.ownBatch !== 1 && model.ownBatch !== batch)
    return {
      code: 'runtime.setting-unsupported',
      message: `${model.name} takes a batch of ${model.ownBatch} alone, not ${batch}; push it with a free first axis`,
    };
  return settingsRefusal(device, settings);
}
