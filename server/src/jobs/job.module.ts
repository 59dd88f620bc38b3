import { Module } from '@nestjs/common';
import { DeviceModule } from '../devices/device.module.js';
import { ModelModule } from '../models/model.module.js';
import { VariantModule } from '../variants/variant.module.js';
import { JobController } from './job.controller.js';
import { JobService } from './job.service.js';

/** `JobRuns` comes from `runs`, which makes it known everywhere. */
@Module({
  imports: [DeviceModule, ModelModule, VariantModule],
  controllers: [JobController],
  providers: [JobService],
  exports: [JobService],
})
export class JobModule {}
