import { Module } from '@nestjs/common';
import { DeviceModule } from '../devices/device.module.js';
import { UserModule } from '../users/user.module.js';
import { LeaseController } from './lease.controller.js';
import { LEASE_CLOCK, LeaseService } from './lease.service.js';
import { LeaseBook } from './lease-book.js';
import { LeaseClock } from './lease-clock.js';
import { LeasePeople } from './lease-people.js';
import { LeaseStore } from './lease-store.js';
import { LeaseWork } from './lease-work.js';

@Module({
  imports: [DeviceModule, UserModule],
  controllers: [LeaseController],
  providers: [
    { provide: LEASE_CLOCK, useValue: Date.now },
    LeaseService,
    LeaseStore,
    LeaseBook,
    LeaseWork,
    LeaseClock,
    LeasePeople,
  ],
  exports: [LeaseService, LeaseBook, LeaseWork],
})
export class LeaseModule {}
