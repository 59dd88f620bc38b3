import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';
import { Global, Module, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG, type Config } from './config.js';
import { DeviceModule } from './devices/device.module.js';
import { FrontierModule } from './frontier/frontier.module.js';
import { JobModule } from './jobs/job.module.js';
import { ThreadPool, WorkerPool } from './links/worker-pool.js';
import { LiveModule } from './live/live.module.js';
import { ModelModule } from './models/model.module.js';
import { RecipeModule } from './recipes/recipe.module.js';
import { RunModule } from './runs/run.module.js';
import { SummaryModule } from './summaries/summary.module.js';
import { VariantModule } from './variants/variant.module.js';
import { BUILDS } from './variants/variant-builder.js';

/** One build at a time on a small machine: it may be measuring, too. */
const builds = Math.max(1, Math.floor(availableParallelism() / 4));

@Global()
@Module({
  providers: [
    { provide: BUILDS, useValue: builds },
    {
      provide: WorkerPool,
      useFactory: (config: Config) => new ThreadPool({ entry: pathToFileURL(config.workerFile), builds }),
      inject: [CONFIG],
    },
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
    WorkerModule,
    LiveModule,
    DeviceModule,
    ModelModule,
    RecipeModule,
    VariantModule,
    JobModule,
    RunModule,
    SummaryModule,
    FrontierModule,
  ],
})
export class DomainModule {}
