import { Module } from '@nestjs/common';
import { DeviceModule } from '../devices/device.module.js';
import { LeaseModule } from '../leases/lease.module.js';
import { LEASE_CLOCK } from '../leases/lease.service.js';
import { RunModule } from '../runs/run.module.js';
import { ConsoleController } from './console.controller.js';
import { ConsoleGateway } from './console.gateway.js';
import { ConsoleDelivery } from './console-delivery.js';
import { ConsoleTranscript } from './console-transcript.js';
import { HeldLease } from './held-lease.js';
import { KeyboardService } from './keyboard.service.js';

@Module({
  imports: [DeviceModule, LeaseModule, RunModule],
  controllers: [ConsoleController],
  providers: [
    { provide: LEASE_CLOCK, useValue: Date.now },
    HeldLease,
    ConsoleTranscript,
    ConsoleDelivery,
    KeyboardService,
    ConsoleGateway,
  ],
})
export class ConsoleModule {}
