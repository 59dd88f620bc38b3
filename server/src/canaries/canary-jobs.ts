import { canaryModel, canaryVersion } from '@hilltop/compression';
import { isLabError } from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import type { Actor } from '../access/actor.js';
import { JobService } from '../jobs/job.service.js';
import { BlobStore } from '../links/blob-store.js';
import { ModelService } from '../models/model.service.js';

/** The canary is a model like any other, in no list. */
const modelName = `hilltop canary ${canaryVersion}`;

/** The jobs that health checks are. */
@Injectable()
export class CanaryJobs {
  #model: Promise<void> | undefined;

  constructor(
    private readonly jobs: JobService,
    private readonly models: ModelService,
    private readonly blobs: BlobStore,
  ) {}

  /** Before the first `submit`: the model is there, whatever was removed meanwhile. */
  async prepare(actor: Actor): Promise<void> {
    this.#model ??= this.#ensure(actor).finally(() => {
      this.#model = undefined;
    });
    await this.#model;
  }

  /** Within the transaction of who asks. Answers with the job's id. */
  async submit(actor: Actor, deviceId: string): Promise<string> {
    const wish = {
      name: 'health check',
      model: modelName,
      recipes: ['fp32'],
      selector: { devices: [deviceId], labels: {} },
      protocol: 'quick' as const,
      official: false,
      settings: [{ threads: 1, graphLevel: 'all' as const }],
    };
    return (await this.jobs.create(actor, wish, { purpose: 'canary' })).id;
  }

  async #ensure(actor: Actor): Promise<void> {
    try {
      await this.models.find(modelName);
    } catch (error) {
      if (!isLabError(error, 'request.not-found')) throw error;
      const bytes = canaryModel();
      const { sha256 } = await this.blobs.put(bytes, { maxBytes: bytes.byteLength });
      await this.models.create(actor, { name: modelName, model: sha256 }, { hidden: true });
    }
  }
}
