import { Module } from '@nestjs/common';
import { CoolDowns } from './cool-downs.js';
import { DeviceController } from './device.controller.js';
import { DeviceService } from './device.service.js';
import { DeviceDiary } from './device-diary.js';
import { Presence } from './presence.js';

@Module({
  controllers: [DeviceController],
  providers: [DeviceService, DeviceDiary, CoolDowns, { provide: Presence, useFactory: () => new Presence() }],
  exports: [DeviceService, CoolDowns, Presence],
})
export class DeviceModule {}
