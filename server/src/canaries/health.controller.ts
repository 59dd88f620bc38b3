import { Device, DeviceHealth, HealthCheck, QuarantineCreate } from '@hilltop/contracts';
import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import * as z from 'zod';
import { Access } from '../access/access.decorator.js';
import { type Actor, CurrentActor } from '../access/actor.js';
import { Answer } from '../access/answer.decorator.js';
import { zod } from '../access/zod.pipe.js';
import { CanaryService } from './canary.service.js';

const IdOrName = z.string().min(1).max(100);

@Controller('api/v1/devices/:id')
export class HealthController {
  constructor(private readonly canaries: CanaryService) {}

  @Post('check')
  @Access('operator')
  @Answer(HealthCheck, 'Check the health of a device')
  check(@CurrentActor() actor: Actor, @Param('id', zod(IdOrName)) id: string): Promise<HealthCheck> {
    return this.canaries.check(id, actor);
  }

  @Get('health')
  @Access('viewer')
  @Answer(DeviceHealth, 'Look at the health of a device: its checks, and why it is in quarantine')
  health(@Param('id', zod(IdOrName)) id: string): Promise<DeviceHealth> {
    return this.canaries.health(id);
  }

  @Post('quarantine')
  @Access('operator')
  @HttpCode(200)
  @Answer(Device, 'Take a device out of rotation')
  quarantine(
    @CurrentActor() actor: Actor,
    @Param('id', zod(IdOrName)) id: string,
    @Body(zod(QuarantineCreate)) wish: QuarantineCreate,
  ): Promise<Device> {
    return this.canaries.quarantine(actor, id, wish);
  }

  @Delete('quarantine')
  @Access('operator')
  @HttpCode(200)
  @Answer(Device, 'Put a device back into rotation')
  putBack(@CurrentActor() actor: Actor, @Param('id', zod(IdOrName)) id: string): Promise<Device> {
    return this.canaries.putBack(actor, id);
  }
}
