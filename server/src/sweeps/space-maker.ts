import { type Device, isLabError, LabError, type Recipe, type SweepFile } from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { DeviceService } from '../devices/device.service.js';
import { Database } from '../links/database.js';
import type { ModelEntity } from '../models/model.entity.js';
import { ModelService } from '../models/model.service.js';
import { RecipeService } from '../recipes/recipe.service.js';
import { VariantEntity } from '../variants/variant.entity.js';
import { VariantService, type Wanted } from '../variants/variant.service.js';
import { misfitOf } from './misfit.js';
import { type Refusal, type SpaceRecipe, spaceOf } from './space.js';
import { checkConstraints, objectivesFor } from './sweep-objectives.js';
import { placeKeyOf, type SweepPlan } from './sweep-plan.js';
import { hashedName, renamed, type VariedRecipe, varyRecipe } from './vary-recipe.js';

/** What a sweep file comes to, and what has to be made before it can be tried. Nothing is written yet. */
export interface MadeSpace {
  readonly plan: SweepPlan;
  /** Recipes that the lab does not have yet. */
  readonly recipes: readonly VariedRecipe[];
  readonly variants: ReadonlyArray<{ readonly model: ModelEntity; readonly wanted: readonly Wanted[] }>;
}

/** One recipe of a file for every model, as far as they can have it. */
interface Choice extends SpaceRecipe {
  readonly refusals: Map<string, Refusal>;
  readonly misfits: Map<string, Refusal>;
  /** Model id -> what is built. */
  readonly wanted: Map<string, Wanted>;
}

/** Reads a sweep file against the models, recipes and devices of this lab. */
@Injectable()
export class SpaceMaker {
  constructor(
    private readonly database: Database,
    private readonly models: ModelService,
    private readonly recipes: RecipeService,
    private readonly variants: VariantService,
    private readonly devices: DeviceService,
  ) {}

  /**
   * Throws `request.not-found` for a model, `recipe.unknown`, `recipe.parameter`, `device.unknown`, `device.none-match`,
   * `sweep.invalid`, `sweep.empty`, `sweep.too-large`.
   */
  async make(file: SweepFile): Promise<MadeSpace> {
    checkConstraints(file.constraints);
    const found = await Promise.all(file.models.map((name) => this.models.find(name)));
    const models = [...new Map(found.map((model) => [model.id, model])).values()];
    const devices = await this.#devicesOf(file);
    const added: VariedRecipe[] = [];
    const choices = new Map<string, Choice>();
    for (const choice of file.recipes) {
      for (const each of typeof choice === 'string'
        ? [await this.#choiceOf(choice, models)]
        : await this.#varied(choice, models, added))
        choices.set(each.name, each);
    }
    const control = choices.get(file.control) ?? (await this.#choiceOf(file.control, models));
    const all = new Map([...choices, [control.name, control]]);
    await this.#noteMisfits(models, devices, [...all.values()]);
    const plan = spaceOf({
      file,
      devices,
      recipes: [...choices.values()],
      control,
      models: models.map((model) => ({
        id: model.id,
        name: model.name,
        objectives: objectivesFor(file.objectives, model),
        ownBatch: Number(model.inputs[0]?.dims[0]) || 1,
      })),
    });
    const needed = new Set(plan.places.map(({ modelId }) => modelId));
    return {
      plan,
      recipes: added,
      variants: models
        .filter(({ id }) => needed.has(id))
        .map((model) => ({ model, wanted: [...all.values()].flatMap(({ wanted }) => wanted.get(model.id) ?? []) })),
    };
  }

  async #devicesOf({ selector }: SweepFile): Promise<Device[]> {
    const devices = await this.devices.select(selector);
    if (devices.length > 0) return devices;
    throw new LabError(
      'device.none-match',
      'no device of this lab matches the selector; `hilltop devices` lists them with their labels',
      { selector },
    );
  }

  /** A recipe, or a variant that no recipe made and some of the models have. */
  async #choiceOf(name: string, models: readonly ModelEntity[]): Promise<Choice> {
    const choice: Choice = { name, refusals: new Map(), misfits: new Map(), wanted: new Map() };
    let unknown: unknown;
    for (const model of models) {
      try {
        for (const wanted of await this.variants.resolve(model, [name])) choice.wanted.set(model.id, wanted);
      } catch (error) {
        if (!isLabError(error)) throw error;
        if (error.code === 'recipe.unknown') unknown = error;
        choice.refusals.set(model.id, { code: error.code, message: error.message });
      }
    }
    if (unknown !== undefined && choice.refusals.size === models.length) throw unknown;
    return choice;
  }

  async #varied(
    choice: Exclude<SweepFile['recipes'][number], string>,
    models: readonly ModelEntity[],
    added: VariedRecipe[],
  ): Promise<Choice[]> {
    const base = await this.recipes.find(choice.recipe);
    const refusals = (await this.#choiceOf(base.name, models)).refusals;
    const choices: Choice[] = [];
    for (const one of varyRecipe(base, choice.vary)) {
      const { varied, isNew } = await this.#named(one);
      if (isNew && !added.some(({ recipe }) => recipe.name === varied.recipe.name)) added.push(varied);
      const { name } = varied.recipe;
      const able = models.filter(({ id }) => !refusals.has(id));
      choices.push({
        name,
        refusals: new Map(refusals),
        misfits: new Map(),
        wanted: new Map(able.map(({ id }) => [id, { name, recipe: varied.recipe }])),
      });
    }
    return choices;
  }

  /** Under a name that means nothing else here. */
  async #named(varied: VariedRecipe): Promise<{ varied: VariedRecipe; isNew: boolean }> {
    const { name, id } = varied.recipe;
    const same = await this.#known(name);
    if (!same) return { varied, isNew: true };
    if (same.id === id) return { varied, isNew: false };
    const own = renamed(varied, hashedName(name, id));
    return { varied: own, isNew: !(await this.#known(own.recipe.name)) };
  }

  async #known(name: string): Promise<Recipe | undefined> {
    return this.recipes.find(name).catch((error: unknown) => {
      if (isLabError(error, 'recipe.unknown')) return undefined;
      throw error;
    });
  }

  /** What is known already of variants that are there. */
  async #noteMisfits(
    models: readonly ModelEntity[],
    devices: readonly Device[],
    choices: readonly Choice[],
  ): Promise<void> {
    const rows = await this.database.reader
      .getRepository(VariantEntity)
      .findBy({ modelId: In(models.map(({ id }) => id)), state: 'ready' });
    for (const choice of choices) {
      for (const [modelId, wanted] of choice.wanted) {
        const row = rows.find((each) =>
          'variantId' in wanted
            ? each.id === wanted.variantId
            : each.modelId === modelId && each.recipeName === wanted.name && each.recipeId === wanted.recipe.id,
        );
        for (const device of row ? devices : []) {
          const misfit = misfitOf(device, row!);
          if (misfit) choice.misfits.set(placeKeyOf({ modelId, deviceId: device.id }), misfit);
        }
      }
    }
  }
}
