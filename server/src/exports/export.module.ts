import { Module } from '@nestjs/common';
import { DeviceModule } from '../devices/device.module.js';
import { ModelModule } from '../models/model.module.js';
import { ExportController } from './export.controller.js';
import { ExportService } from './export.service.js';

@Module({
  imports: [DeviceModule, ModelModule],
  controllers: [ExportController],
  providers: [ExportService],
})
export class ExportModule {}
