import { artifactId, createHost } from '@hilltop/compression';
import { type Change, LabError, type PageQuery, type Recipe, type Variant } from '@hilltop/contracts';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type EntityManager, In } from 'typeorm';
import { decodeCursor, page } from '../access/page.js';
import { newId } from '../ids.js';
import { BlobStore } from '../links/blob-store.js';
import { Database } from '../links/database.js';
import { LiveService } from '../live/live.service.js';
import { BlobReferences } from '../models/blob-references.js';
import type { ModelEntity } from '../models/model.entity.js';
import { ModelService } from '../models/model.service.js';
import { RecipeService } from '../recipes/recipe.service.js';
import { VariantEntity } from './variant.entity.js';
import { VariantBuilder } from './variant-builder.js';
import { variantView } from './variant-view.js';

/** Recipes applied to models. */
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
    const rows = (where: object) =>
      this.database.reader.getRepository(VariantEntity).find({ where, order: { createdAt: 'ASC' } });
    this.live.register('variant', {
      load: async (ids) => (await rows({ id: In([...ids]) })).map(changeOf),
      list: async (topic) =>
        topic.startsWith('model/') ? (await rows({ modelId: topic.slice(6) })).map(changeOf) : [],
    });
  }

  /** Variants of a model for these recipes; those that are not there yet are built. Throws `recipe.unknown`, `data.missing`. */
  async ensure(modelName: string, recipeNames: readonly string[]): Promise<Variant[]> {
    const model = await this.models.find(modelName);
    const recipes = await this.resolve(model, recipeNames);
    const rows = await this.database.write((manager) => this.ensureRows(manager, model, recipes), {
      label: 'variants.ensure',
    });
    return rows.map(variantView);
  }

  /** Recipes by name, each once. Throws `recipe.unknown`, `data.missing` where one needs calibration and the model has none. */
  async resolve(model: ModelEntity, names: readonly string[]): Promise<Recipe[]> {
    const recipes = await Promise.all([...new Set(names)].map((name) => this.recipes.find(name)));
    const needy = recipes.find((recipe) => recipe.needsCalibration);
    if (needy && !model.calibration) {
      throw new LabError(
        'data.missing',
        `${needy.name} needs a calibration set and ${model.name} has none; push the model with --calib`,
        { recipe: needy.name },
      );
    }
    return recipes;
  }

  /** Within a transaction. A variant that failed before is tried again. */
  async ensureRows(manager: EntityManager, model: ModelEntity, recipes: readonly Recipe[]): Promise<VariantEntity[]> {
    const rows: VariantEntity[] = [];
    for (const recipe of recipes) {
      const old = await manager.findOneBy(VariantEntity, {
        modelId: model.id,
        recipeName: recipe.name,
        recipeId: recipe.id,
      });
      if (old && old.state !== 'failed') rows.push(old);
      else rows.push(await this.#begin(manager, model, recipe, old ?? undefined));
    }
    this.database.afterCommit(() => {
      this.live.touch('variant', ...rows.map((row) => row.id));
      if (rows.some((row) => row.state === 'queued')) this.builder.want();
    });
    return rows;
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
    return page(found, query.limit, (row) => ({ at: row.createdAt, id: row.id }), variantView);
  }

  /** Throws `request.not-found`. */
  async find(id: string): Promise<Variant> {
    const row = await this.database.reader.getRepository(VariantEntity).findOneBy({ id });
    if (!row)
      throw new LabError('request.not-found', 'there is no such variant; `hilltop variants -m MODEL` lists them', {
        variant: id,
      });
    return variantView(row);
  }

  /** Length of an artifact that some variant has. Throws `artifact.missing`. */
  async artifact(sha256: string): Promise<{ bytes: number; name: string }> {
    const row = await this.database.reader
      .getRepository(VariantEntity)
      .findOne({ where: { artifactSha256: sha256 }, relations: { model: true } });
    if (!row || !this.blobs.has(sha256))
      throw new LabError('artifact.missing', 'there is no such artifact; `hilltop variants -m MODEL` lists them', {
        sha256,
      });
    return { bytes: this.blobs.bytes(sha256), name: `${row.model?.name ?? 'model'}-${row.recipeName}.onnx` };
  }

  async #begin(
    manager: EntityManager,
    model: ModelEntity,
    recipe: Recipe,
    old: VariantEntity | undefined,
  ): Promise<VariantEntity> {
    const cacheKey = artifactId({
      modelSha256: model.sha256,
      recipe,
      platform: this.#platform,
      ...(model.calibration && { calibrationSha256: model.calibration.sha256 }),
    });
    const twin = await manager.findOneBy(VariantEntity, { cacheKey, state: 'ready' });
    const row = manager.create(VariantEntity, {
      id: old?.id ?? newId('var'),
      modelId: model.id,
      recipeName: recipe.name,
      recipeId: recipe.id,
      recipe,
      cacheKey,
      error: null,
      state: twin ? 'ready' : 'queued',
      artifactSha256: twin?.artifactSha256 ?? null,
      artifactBytes: twin?.artifactBytes ?? null,
      metrics: twin?.metrics ?? {},
      steps: twin?.steps ?? [],
      createdAt: old?.createdAt ?? new Date().toISOString(),
    });
    await manager.save(VariantEntity, row);
    if (twin?.artifactSha256) await this.references.add(manager, model.id, [twin.artifactSha256]);
    return row;
  }
}

const changeOf = (row: VariantEntity): Change => ({ kind: 'variant', id: row.id, value: variantView(row) });
