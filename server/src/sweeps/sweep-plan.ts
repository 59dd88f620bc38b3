import { type Objective, type RunSettings, type SweepLeftOut, settingsKey } from '@hilltop/contracts';

/** One model on one device, as far as the search there has come. */
export interface PlacePlan {
  readonly deviceId: string;
  readonly deviceName: string;
  readonly deviceType: string;
  readonly isBoard: boolean;
  readonly emulated: boolean;
  readonly modelId: string;
  readonly modelName: string;
  /** Settings that the device can run with. */
  readonly settings: readonly RunSettings[];
  /** Recipes that this model cannot have, or this device cannot run. */
  readonly without: readonly string[];
  /** Absent: the control cannot run here. */
  readonly control?: string;
  /** The device has shown that it is well. */
  readonly ready?: boolean;
  /** Nothing more is searched here, and why; the last control may still be to come. */
  readonly closing?: string;
  readonly ended?: boolean;
  /** What it waits for. */
  readonly note?: string;
}

/** What a sweep file comes to in this lab. */
export interface SweepPlan {
  /** Recipes and variants by name, in the order of the grid. */
  readonly recipes: readonly string[];
  /** Model id -> its axes: quality is what the model has. */
  readonly objectives: Readonly<Record<string, readonly Objective[]>>;
  /** Model id -> recipe -> variant: what is built before the search begins. */
  readonly variants: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly places: readonly PlacePlan[];
  readonly leftOut: readonly SweepLeftOut[];
}

/** Something that can be tried at a place. */
export interface PlanPoint {
  readonly key: string;
  readonly recipe: string;
  readonly settings: RunSettings;
}

/** Stable text of a point: the same in every lab that has a model of this name. */
export const pointKeyOf = (modelName: string, recipe: string, settings: RunSettings): string =>
  `${modelName} ${recipe} ${settingsKey(settings)}`;

export const placeKeyOf = ({ modelId, deviceId }: Pick<PlacePlan, 'modelId' | 'deviceId'>): string =>
  `${modelId} ${deviceId}`;

/** Points of a place in the order of the grid; the control, where it is none of them, comes first. */
export function pointsOf(plan: Pick<SweepPlan, 'recipes'>, place: PlacePlan): PlanPoint[] {
  const without = new Set(place.without);
  const here = plan.recipes.filter((recipe) => !without.has(recipe));
  const point = (recipe: string, settings: RunSettings): PlanPoint => ({
    key: pointKeyOf(place.modelName, recipe, settings),
    recipe,
    settings,
  });
  const control = controlOf(place);
  return [
    ...(control && !here.includes(control.recipe) ? [control] : []),
    ...here.flatMap((recipe) => place.settings.map((settings) => point(recipe, settings))),
  ];
}

/** What is measured first and last at a place: the control recipe under the first settings. */
export function controlOf(place: PlacePlan): PlanPoint | undefined {
  const settings = place.settings[0];
  if (place.control === undefined || settings === undefined) return undefined;
  return { key: pointKeyOf(place.modelName, place.control, settings), recipe: place.control, settings };
}
