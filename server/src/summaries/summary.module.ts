import { Module } from '@nestjs/common';
import { ModelModule } from '../models/model.module.js';
import { PowerController } from './power.controller.js';
import { PowerService } from './power.service.js';
import { SummaryService } from './summary.service.js';

@Module({
  imports: [ModelModule],
  controllers: [PowerController],
  providers: [SummaryService, PowerService],
  exports: [SummaryService],
})
export class SummaryModule {}
