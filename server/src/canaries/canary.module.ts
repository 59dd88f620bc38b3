import { Module } from '@nestjs/common';
import { DeviceModule } from '../devices/device.module.js';
import { JobModule } from '../jobs/job.module.js';
import { ModelModule } from '../models/model.module.js';
import { CanaryService } from './canary.service.js';
import { CanaryJobs } from './canary-jobs.js';
import { HealthController } from './health.controller.js';
import { HealthRounds } from './health-rounds.js';

/** `RunLedger` comes from `runs`, which is known everywhere. */
@Module({
  imports: [DeviceModule, ModelModule, JobModule],
  controllers: [HealthController],
  providers: [CanaryJobs, CanaryService, HealthRounds],
  exports: [CanaryService, HealthRounds],
})
export class CanaryModule {}
