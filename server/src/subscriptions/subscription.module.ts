import { Module } from '@nestjs/common';
import { DeviceModule } from '../devices/device.module.js';
import { GateModule } from '../gates/gate.module.js';
import { ScheduleModule } from '../schedules/schedule.module.js';
import { SweepModule } from '../sweeps/sweep.module.js';
import { Courier } from './courier.js';
import { NewsBook } from './news-book.js';
import { NewsWatch } from './news-watch.js';
import { SubscriptionController } from './subscription.controller.js';
import { SubscriptionService } from './subscription.service.js';

@Module({
  imports: [DeviceModule, SweepModule, GateModule, ScheduleModule],
  controllers: [SubscriptionController],
  providers: [NewsBook, NewsWatch, Courier, SubscriptionService],
})
export class SubscriptionModule {}
