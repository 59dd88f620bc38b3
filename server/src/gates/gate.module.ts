import { Module } from '@nestjs/common';
import { BaselineController } from './baseline.controller.js';
import { BaselineService } from './baseline.service.js';
import { GateController } from './gate.controller.js';
import { GateService } from './gate.service.js';
import { NightRuns } from './night-runs.js';
import { StoredNights } from './stored-nights.js';
import { SweepNights } from './sweep-nights.js';
import { TrendService } from './trend.service.js';

@Module({
  controllers: [BaselineController, GateController],
  providers: [BaselineService, GateService, TrendService, NightRuns, { provide: SweepNights, useClass: StoredNights }],
  exports: [BaselineService, GateService, TrendService],
})
export class GateModule {}
