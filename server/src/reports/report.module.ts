import { Module } from '@nestjs/common';
import { FrontierModule } from '../frontier/frontier.module.js';
import { GateModule } from '../gates/gate.module.js';
import { SweepModule } from '../sweeps/sweep.module.js';
import { ReportController } from './report.controller.js';
import { ReportService } from './report.service.js';

@Module({
  imports: [FrontierModule, SweepModule, GateModule],
  controllers: [ReportController],
  providers: [ReportService],
  exports: [ReportService],
})
export class ReportModule {}
