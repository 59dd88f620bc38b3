import { Module } from '@nestjs/common';
import { FrontierModule } from '../frontier/frontier.module.js';
import { JobModule } from '../jobs/job.module.js';
import { ModelModule } from '../models/model.module.js';
import { BaselineController } from './baseline.controller.js';
import { BaselineService } from './baseline.service.js';
import { BaselineFrontiers } from './baseline-frontiers.js';
import { EnvironmentService } from './environment.service.js';
import { GateController } from './gate.controller.js';
import { GateService } from './gate.service.js';
import { GateRemeasurer } from './gate-remeasurer.js';
import { NightRuns } from './night-runs.js';
import { StoredNights } from './stored-nights.js';
import { SweepNights } from './sweep-nights.js';
import { TrendService } from './trend.service.js';

@Module({
  imports: [FrontierModule, JobModule, ModelModule],
  controllers: [BaselineController, GateController],
  providers: [
    BaselineService,
    BaselineFrontiers,
    GateService,
    GateRemeasurer,
    EnvironmentService,
    TrendService,
    NightRuns,
    { provide: SweepNights, useClass: StoredNights },
  ],
  exports: [BaselineService, GateService, TrendService],
})
export class GateModule {}
