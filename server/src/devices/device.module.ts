import { Module } from '@nestjs/common';
import { DeviceController } from './device.controller.js';
import { DeviceService } from './device.service.js';
import { Presence } from './presence.js';

@Module({
  controllers: [DeviceController],
  providers: [DeviceService, { provide: Presence, useFactory: () => new Presence() }],
  exports: [DeviceService, Presence],
})
export class DeviceModule {}
