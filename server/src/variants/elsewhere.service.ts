import { createHash } from 'node:crypto';
import { LabError, type Variant, type VariantOrigin, type VariantPush } from '@hilltop/contracts';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { Not } from 'typeorm';
import { BlobStore } from '../links/blob-store.js';
import { Database } from '../links/database.js';
import { WorkerPool } from '../links/worker-pool.js';
import { LOG, type Log } from '../log.js';
import { BlobReferences } from '../models/blob-references.js';
import { ModelEntity } from '../models/model.entity.js';
import { ModelService } from '../models/model.service.js';
import { trainingMetrics } from '../models/training-metrics.js';
import { RecipeService } from '../recipes/recipe.service.js';
import { checkVariantTask } from './check-variant-task.js';
import { requireFreeName } from './free-name.js';
import { VariantEntity } from './variant.entity.js';
import { VariantService } from './variant.service.js';

/** Variants made elsewhere: distilled, retrained, another architecture. From here on they are variants like any other. */
@Injectable()
export class ElsewhereService implements OnModuleInit {
  readonly #log: Log;

  constructor(
    private readonly database: Database,
    private readonly blobs: BlobStore,
    private readonly pool: WorkerPool,
    private readonly models: ModelService,
    private readonly recipes: RecipeService,
    private readonly references: BlobReferences,
    private readonly variants: VariantService,
    @Inject(LOG) log: Log,
  ) {
    this.#log = log.child({ part: 'elsewhere' });
  }

  onModuleInit(): void {
    this.recipes.guard(async (manager, name) => {
      const row = await manager.findOne(VariantEntity, {
        where: { recipeName: name, origin: Not<VariantOrigin>('recipe') },
        relations: { model: true },
      });
      return row
        ? new LabError(
            'request.conflict',
            `a variant of ${row.model?.name} that no recipe made is called ${name}; choose another name`,
            { name, model: row.modelId },
          )
        : undefined;
    });
  }

  /**
   * An uploaded blob -> a variant, after every check; its cost and its quality are found afterwards. Nothing is left of one that
   * is refused. Throws `request.not-found`, `request.conflict`, `blob.missing`, and what `checkVariantWork` throws.
   */
  async push(wish: VariantPush): Promise<Variant> {
    const model = await this.models.find(wish.model);
    await requireFreeName(this.database.reader.manager, this.recipes, model, wish.name);
    this.blobs.bytes(wish.artifact);
    const sample = model.validation ?? model.calibration;
    const checked = await this.pool.run(checkVariantTask, {
      file: this.blobs.path(wish.artifact),
      model: { name: model.name, inputs: model.inputs, outputs: model.outputs },
      ...(sample && { sampleFile: this.blobs.path(sample.sha256) }),
    });
    const row = await this.database.write(
      async (manager) => {
        if (!(await manager.existsBy(ModelEntity, { id: model.id })))
          throw new LabError('request.not-found', `${model.name} was removed meanwhile`, { model: model.id });
        await requireFreeName(manager, this.recipes, model, wish.name);
        const made = await this.variants.begin(manager, model, {
          recipeName: wish.name,
          recipeId: wish.artifact,
          recipe: {
            id: wish.artifact,
            name: wish.name,
            title: '',
            description: wish.description ?? '',
            steps: [],
            needsCalibration: false,
            needsValidation: false,
          },
          origin: 'elsewhere',
          description: wish.description ?? null,
          interface: checked,
          cacheKey: createHash('sha256').update(`elsewhere ${wish.artifact}`).digest('hex'),
          training: trainingMetrics(wish.training),
        });
        await this.references.add(manager, model.id, [wish.artifact]);
        this.database.afterCommit(() => this.variants.announce([made]));
        return made;
      },
      { label: 'variant.push' },
    );
    this.#log.info({ variantId: row.id, modelId: model.id, name: wish.name }, 'variant from elsewhere');
    return this.variants.view(row);
  }
}
