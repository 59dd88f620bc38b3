import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';
import { Global, Module, type OnApplicationShutdown } from '@nestjs/common';
import { ActivityModule } from './activities/activity.module.js';
import { CanaryModule } from './canaries/canary.module.js';
import { ComparisonModule } from './comparisons/comparison.module.js';
import { CONFIG, type Config } from './config.js';
import { ConsoleModule } from './consoles/console.module.js';
import { DeviceModule } from './devices/device.module.js';
import { ExportModule } from './exports/export.module.js';
import { FrontierModule } from './frontier/frontier.module.js';
import { GateModule } from './gates/gate.module.js';
import { GuideModule } from './guides/guide.module.js';
import { JobModule } from './jobs/job.module.js';
import { LeaseModule } from './leases/lease.module.js';
import { ThreadPool, WorkerPool } from './links/worker-pool.js';
import { LiveModule } from './live/live.module.js';
import { ModelModule } from './models/model.module.js';
import { NoteModule } from './notes/note.module.js';
import { PresenceModule } from './presence/presence.module.js';
import { RecipeModule } from './recipes/recipe.module.js';
import { ReportModule } from './reports/report.module.js';
import { RunModule } from './runs/run.module.js';
import { ScheduleModule } from './schedules/schedule.module.js';
import { SubscriptionModule } from './subscriptions/subscription.module.js';
import { SummaryModule } from './summaries/summary.module.js';
import { SweepModule } from './sweeps/sweep.module.js';
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
    PresenceModule,
    DeviceModule,
    LeaseModule,
    ModelModule,
    RecipeModule,
    VariantModule,
    JobModule,
    RunModule,
    ConsoleModule,
    SummaryModule,
    FrontierModule,
    CanaryModule,
    SweepModule,
    GateModule,
    ComparisonModule,
    ReportModule,
    ScheduleModule,
    SubscriptionModule,
    GuideModule,
    ExportModule,
    NoteModule,
    ActivityModule,
  ],
})
export class DomainModule {}
