import { Module } from '@nestjs/common';
import { DeviceModule } from '../devices/device.module.js';
import { ModelModule } from '../models/model.module.js';
import { SummaryModule } from '../summaries/summary.module.js';
import { Candidates } from './candidates.js';
import { FrontierController } from './frontier.controller.js';
import { FrontierService } from './frontier.service.js';
import { ReferencePoints } from './reference-points.js';

@Module({
  imports: [DeviceModule, ModelModule, SummaryModule],
  controllers: [FrontierController],
  providers: [FrontierService, Candidates, ReferencePoints],
  exports: [FrontierService, Candidates],
})
export class FrontierModule {}
