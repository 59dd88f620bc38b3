import { createHash } from 'node:crypto';
import {
  type FirmwareModel,
  firmwareModelBytes,
  LabError,
  RecipeName,
  type Variant,
  type VariantInFirmware,
} from '@hilltop/contracts';
import { Inject, Injectable } from '@nestjs/common';
import type { DeviceEntity } from '../devices/device.entity.js';
import { DeviceService } from '../devices/device.service.js';
import { BlobStore } from '../links/blob-store.js';
import { Database } from '../links/database.js';
import { LOG, type Log } from '../log.js';
import { BlobReferences } from '../models/blob-references.js';
import { measuredItemType } from '../models/measured-items.js';
import { ModelEntity } from '../models/model.entity.js';
import { ModelService } from '../models/model.service.js';
import { trainingMetrics } from '../models/training-metrics.js';
import { RecipeService } from '../recipes/recipe.service.js';
import { firmwareInput } from './firmware-input.js';
import { requireFreeName } from './free-name.js';
import { VariantService } from './variant.service.js';

/**
 * Variants inside the firmware of a device built for MLPerf Tiny. Nobody has their file, so there is nothing to screen and no size; what
 * stands for the artifact is what that firmware says of itself.
 */
@Injectable()
export class InFirmwareService {
  readonly #log: Log;

  constructor(
    private readonly database: Database,
    private readonly blobs: BlobStore,
    private readonly models: ModelService,
    private readonly devices: DeviceService,
    private readonly recipes: RecipeService,
    private readonly references: BlobReferences,
    private readonly variants: VariantService,
    @Inject(LOG) log: Log,
  ) {
    this.#log = log.child({ part: 'in-firmware' });
  }

  /**
   * A variant that is ready at once. Throws `request.not-found`, `device.unknown`, `request.conflict`, `request.invalid` for a device that
   * runs plans, and what `firmwareInput` throws.
   */
  async push(wish: VariantInFirmware): Promise<Variant> {
    const model = await this.models.find(wish.model);
    const said = saidOf(await this.devices.find(wish.device));
    const name = wish.name ?? nameOf(said.model);
    await requireFreeName(this.database.reader.manager, this.recipes, model, name);
    const input = firmwareInput(model, await measuredItemType(this.blobs, model), wish.input);
    const firmware: FirmwareModel = { ...said, kind: 'firmware-model', input };
    const content = firmwareModelBytes(firmware);
    const artifact = await this.blobs.put(content, { maxBytes: content.length });
    const row = await this.database.write(
      async (manager) => {
        if (!(await manager.existsBy(ModelEntity, { id: model.id })))
          throw new LabError('request.not-found', `${model.name} was removed meanwhile`, { model: model.id });
        await requireFreeName(manager, this.recipes, model, name);
        const made = await this.variants.begin(manager, model, {
          recipeName: name,
          recipeId: artifact.sha256,
          recipe: {
            id: artifact.sha256,
            name,
            title: '',
            description: wish.description ?? '',
            steps: [],
            needsCalibration: false,
            needsValidation: false,
          },
          origin: 'firmware',
          description: wish.description ?? null,
          firmware,
          artifact,
          interface: null,
          cacheKey: createHash('sha256').update(`firmware ${artifact.sha256}`).digest('hex'),
          training: trainingMetrics(wish.training),
        });
        await this.references.add(manager, model.id, [artifact.sha256]);
        this.database.afterCommit(() => this.variants.announce([made]));
        return made;
      },
      { label: 'variant.in-firmware' },
    );
    this.#log.info({ ...said, variantId: row.id, modelId: model.id, variant: name }, 'variant in a firmware');
    return this.variants.view(row);
  }
}

/** What a device says of its firmware and the model in it. Throws `request.invalid` for one that has none. */
function saidOf(device: DeviceEntity): Pick<FirmwareModel, 'name' | 'profile' | 'model'> {
  const { mcu, board = '' } = device.facts;
  if (mcu?.driver !== 'mlperf-tiny' || mcu.profile === undefined || mcu.model === undefined)
    throw new LabError(
      'request.invalid',
      `${device.name} has no model in its firmware; name a device with firmware built for MLPerf Tiny (\`hilltop devices\`)`,
      { device: device.id },
    );
  return { name: board, profile: mcu.profile, model: mcu.model };
}

/** What the firmware calls its model, in the letters that a name may have. */
function nameOf(model: string): string {
  const name = RecipeName.safeParse(
    model
      .toLowerCase()
      .replace(/[^a-z0-9+._-]+/g, '-')
      .replace(/^[^a-z0-9]+/, '')
      .slice(0, 63)
      .replace(/[^a-z0-9]+$/, ''),
  );
  return name.success ? name.data : 'in-firmware';
}
