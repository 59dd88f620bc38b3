import { Module } from '@nestjs/common';
import { GateModule } from '../gates/gate.module.js';
import { SweepModule } from '../sweeps/sweep.module.js';
import { ScheduleController } from './schedule.controller.js';
import { ScheduleService } from './schedule.service.js';
import { ScheduleNights } from './schedule-nights.js';
import { ScheduleSettler } from './schedule-settler.js';
import { ScheduleStarter } from './schedule-starter.js';
import { ScheduleTimer } from './schedule-timer.js';
import { WallClock } from './wall-clock.js';

@Module({
  imports: [SweepModule, GateModule],
  controllers: [ScheduleController],
  providers: [WallClock, ScheduleStarter, ScheduleSettler, ScheduleTimer, ScheduleService, ScheduleNights],
  exports: [WallClock, ScheduleStarter, ScheduleSettler],
})
export class ScheduleModule {}
