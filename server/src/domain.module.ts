import { availableParallelism } from 'node:os';
import { Global, Module, type OnApplicationShutdown } from '@nestjs/common';
import { DeviceModule } from './devices/device.module.js';
import { FrontierModule } from './frontier/frontier.module.js';
import { JobModule } from './jobs/job.module.js';
import { ThreadPool, WorkerPool } from './links/worker-pool.js';
import { LiveModule } from './live/live.module.js';
import { ModelModule } from './models/model.module.js';
import { RecipeModule } from './recipes/recipe.module.js';
import { RunModule } from './runs/run.module.js';
import { SummaryModule } from './summaries/summary.module.js';
import { BUILDS } from './variants/variant-builder.js';
import { VariantModule } from './variants/variant.module.js';

/** One build at a time on a small machine: it may be measuring, too. */
const builds = Math.max(1, Math.floor(availableParallelism() / 4));

@Global()
@Module({
  providers: [
    { provide: BUILDS, useValue: builds },
    { provide: WorkerPool, useFactory: () => new ThreadPool({ entry: new URL('./worker.js', import.meta.url), builds }) },
  ],
  exports: [BUILDS, WorkerPool],
})
export class WorkerModule implements OnApplicationShutdown {
  constructor(private readonly pool: WorkerPool) {}

  async onApplicationShutdown(): Promise<void> {
    await this.pool.close();
  }
}

/** What the lab is about: models, variants, devices, jobs, runs, frontier, and the live view of them. */
@Module({
  imports: [
    WorkerModule, LiveModule, DeviceModule, ModelModule, RecipeModule, VariantModule, JobModule, RunModule, SummaryModule, FrontierModule,
  ],
})
export class DomainModule {}
