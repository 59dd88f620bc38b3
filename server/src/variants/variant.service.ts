import { artifactId, createHost } from '@hilltop/compression';
import {
  type Change,
  type FirmwareModel,
  LabError,
  type MetricValues,
  type PageQuery,
  type Recipe,
  type Variant,
  type VariantOrigin,
} from '@hilltop/contracts';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type EntityManager, In, Not } from 'typeorm';
import { decodeCursor, page } from '../access/page.js';
import { newId } from '../ids.js';
import { BlobStore } from '../links/blob-store.js';
import { Database } from '../links/database.js';
import { LiveService } from '../live/live.service.js';
import { BlobReferences } from '../models/blob-references.js';
import type { ModelEntity } from '../models/model.entity.js';
import { ModelService } from '../models/model.service.js';
import { statedOf, trainingMetrics } from '../models/training-metrics.js';
import { RecipeService } from '../recipes/recipe.service.js';
import { knownOf, twinOf } from './twin.js';
import { VariantEntity } from './variant.entity.js';
import { VariantBuilder } from './variant-builder.js';
import { variantView } from './variant-view.js';

/** What is asked for by name: a recipe to apply, or a variant of the model that no recipe made. */
export type Wanted =
  | { readonly name: string; readonly recipe: Recipe }
  | { readonly name: string; readonly variantId: string };

/** What a variant begins with. */
export interface VariantPlan
  extends Pick<VariantEntity, 'recipeName' | 'recipeId' | 'recipe' | 'origin' | 'description' | 'interface'> {
  readonly cacheKey: string;
  /** In which firmware it is; then its artifact, which only names it, is there from the start. */
  readonly firmware?: FirmwareModel | null;
  readonly artifact?: { readonly sha256: string; readonly bytes: number };
  /** What training cost. */
  readonly training: MetricValues;
  /** It takes the place of one that failed. */
  readonly old?: VariantEntity | undefined;
}

/** Variants: recipes applied to models, and what was made elsewhere. */
@Injectable()
export class VariantService implements OnModuleInit {
  /** Which runtime and processor fold constants here: part of what an artifact's bytes depend on. */
  readonly #platform = createHost().platform;

  constructor(
    private readonly database: Database,
    private readonly blobs: BlobStore,
    private readonly models: ModelService,
    private readonly recipes: RecipeService,
    private readonly references: BlobReferences,
    private readonly builder: VariantBuilder,
    private readonly live: LiveService,
  ) {}

  onModuleInit(): void {
    this.models.removed.listen((modelId) => this.builder.cancel(modelId));
    const rows = (where: object) =>
      this.database.reader.getRepository(VariantEntity).find({ where, order: { createdAt: 'ASC' } });
    const changes = (found: readonly VariantEntity[]): Change[] =>
      found.map((row) => ({ kind: 'variant', id: row.id, value: this.view(row) }));
    this.live.register('variant', {
      load: async (ids) => changes(await rows({ id: In([...ids]) })),
      list: async (topic) => (topic.startsWith('model/') ? changes(await rows({ modelId: topic.slice(6) })) : []),
    });
  }

  /** A variant as it is told outside. */
  view(row: VariantEntity): Variant {
    return variantView(row, this.builder.progressOf(row.id));
  }

  /** Variants of a model by name; those that are not there yet are built. Throws `recipe.unknown`, `data.missing`. */
  async ensure(modelName: string, names: readonly string[]): Promise<Variant[]> {
    const model = await this.models.find(modelName);
    const wanted = await this.resolve(model, names);
    const rows = await this.database.write((manager) => this.ensureRows(manager, model, wanted), {
      label: 'variants.ensure',
    });
    return rows.map((row) => this.view(row));
  }

  /**
   * Recipes, and variants of the model that no recipe made, by name, each once. Throws `recipe.unknown`, and `data.missing` where a
   * recipe needs data that the model has not.
   */
  async resolve(model: ModelEntity, names: readonly string[]): Promise<Wanted[]> {
    const unique = [...new Set(names)];
    const elsewhere = await this.database.reader
      .getRepository(VariantEntity)
      .findBy({ modelId: model.id, origin: Not<VariantOrigin>('recipe'), recipeName: In(unique) });
    const wanted = await Promise.all(
      unique.map(async (name): Promise<Wanted> => {
        const row = elsewhere.find((each) => each.recipeName === name);
        return row ? { name, variantId: row.id } : { name, recipe: await this.recipes.find(name) };
      }),
    );
    for (const each of wanted) if ('recipe' in each) requireData(model, each.recipe);
    return wanted;
  }

  /** Within a transaction. A variant that failed before is tried again. */
  async ensureRows(manager: EntityManager, model: ModelEntity, wanted: readonly Wanted[]): Promise<VariantEntity[]> {
    const rows: VariantEntity[] = [];
    for (const each of wanted) {
      const old = await manager.findOneBy(
        VariantEntity,
        'recipe' in each
          ? { modelId: model.id, recipeName: each.name, recipeId: each.recipe.id }
          : { id: each.variantId },
      );
      if (old && old.state !== 'failed') rows.push(old);
      else if ('recipe' in each) rows.push(await this.begin(manager, model, this.#planOf(model, each.recipe, old)));
      else if (old) rows.push(await this.begin(manager, model, { ...old, training: statedOf(old.metrics), old }));
      else throw new LabError('recipe.unknown', `${each.name} was removed meanwhile`, { name: each.name });
    }
    this.database.afterCommit(() => this.announce(rows));
    return rows;
  }

  /** Within a transaction: a new row, ready at once where everything is known of its artifact. */
  async begin(manager: EntityManager, model: ModelEntity, plan: VariantPlan): Promise<VariantEntity> {
    const { training, old, recipeName, recipeId, recipe, origin, description, cacheKey, artifact } = plan;
    const twin = await twinOf(manager, cacheKey, model);
    const row = manager.create(VariantEntity, {
      id: old?.id ?? newId('var'),
      modelId: model.id,
      recipeName,
      recipeId,
      recipe,
      origin,
      description,
      interface: plan.interface,
      cacheKey,
      error: null,
      firmware: plan.firmware ?? null,
      state: artifact || twin?.isWhole ? 'ready' : 'queued',
      ...(twin?.isWhole && !artifact
        ? knownOf(twin.row, { metrics: training, recipe })
        : {
            artifactSha256: artifact?.sha256 ?? null,
            artifactBytes: artifact?.bytes ?? null,
            metrics: training,
            steps: [],
            screening: null,
          }),
      plan: null,
      planError: null,
      planKey: null,
      planSha256: null,
      createdAt: old?.createdAt ?? new Date().toISOString(),
    });
    await manager.save(VariantEntity, row);
    if (row.artifactSha256 !== null) await this.references.add(manager, model.id, [row.artifactSha256]);
    return row;
  }

  async list(query: PageQuery & { model?: string | undefined }): Promise<{ items: Variant[]; next?: string }> {
    const rows = this.database.reader.getRepository(VariantEntity).createQueryBuilder('variant').where('1 = 1');
    if (query.model !== undefined)
      rows.andWhere('variant.modelId = :modelId', { modelId: (await this.models.find(query.model)).id });
    if (query.cursor !== undefined)
      rows.andWhere('(variant.createdAt, variant.id) > (:at, :id)', { ...decodeCursor(query.cursor) });
    const found = await rows
      .orderBy('variant.createdAt')
      .addOrderBy('variant.id')
      .limit(query.limit + 1)
      .getMany();
    return page(
      found,
      query.limit,
      (row) => ({ at: row.createdAt, id: row.id }),
      (row) => this.view(row),
    );
  }

  /** Throws `request.not-found`. */
  async find(id: string): Promise<Variant> {
    const row = await this.database.reader.getRepository(VariantEntity).findOneBy({ id });
    if (!row)
      throw new LabError('request.not-found', 'there is no such variant; `hilltop variants -m MODEL` lists them', {
        variant: id,
      });
    return this.view(row);
  }

  /** Length of an artifact, or of a plan, that some variant has. Throws `artifact.missing`. */
  async artifact(sha256: string): Promise<{ bytes: number; name: string }> {
    const row = await this.database.reader
      .getRepository(VariantEntity)
      .findOne({ where: [{ artifactSha256: sha256 }, { planSha256: sha256 }], relations: { model: true } });
    if (!row || !this.blobs.has(sha256))
      throw new LabError('artifact.missing', 'there is no such artifact; `hilltop variants -m MODEL` lists them', {
        sha256,
      });
    const ending = row.planSha256 === sha256 ? 'plan' : 'onnx';
    return { bytes: this.blobs.bytes(sha256), name: `${row.model?.name ?? 'model'}-${row.recipeName}.${ending}` };
  }

  #planOf(model: ModelEntity, recipe: Recipe, old: VariantEntity | null): VariantPlan {
    return {
      recipeName: recipe.name,
      recipeId: recipe.id,
      recipe,
      origin: 'recipe',
      description: null,
      interface: null,
      cacheKey: artifactId({
        modelSha256: model.sha256,
        recipe,
        platform: this.#platform,
        ...(model.calibration && { calibrationSha256: model.calibration.sha256 }),
        ...(model.validation && { validationSha256: model.validation.sha256 }),
      }),
      training: trainingMetrics(model.training),
      old: old ?? undefined,
    };
  }

  /** After the commit: screens are told, and what waits is built. */
  announce(rows: readonly VariantEntity[]): void {
    this.live.touch('variant', ...rows.map((row) => row.id));
    if (rows.some((row) => row.state === 'queued')) this.builder.want();
  }
}

/** Throws `data.missing` with the remedy. */
function requireData(model: ModelEntity, recipe: Recipe): void {
  const needs = [
    ['calibration', '--calib', recipe.needsCalibration],
    ['validation', '--valid', recipe.needsValidation],
  ] as const;
  for (const [set, flag, isNeeded] of needs) {
    if (isNeeded && !model[set])
      throw new LabError(
        'data.missing',
        `${recipe.name} needs a ${set} set and ${model.name} has none; push the model with ${flag}`,
        { recipe: recipe.name, set },
      );
  }
}
