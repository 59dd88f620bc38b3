import { Module } from '@nestjs/common';
import { DeviceModule } from '../devices/device.module.js';
import { FrontierModule } from '../frontier/frontier.module.js';
import { ModelModule } from '../models/model.module.js';
import { ComparisonController } from './comparison.controller.js';
import { ComparisonService } from './comparison.service.js';

@Module({
  imports: [DeviceModule, ModelModule, FrontierModule],
  controllers: [ComparisonController],
  providers: [ComparisonService],
})
export class ComparisonModule {}
