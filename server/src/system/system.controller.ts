import { System, SystemUpdate } from '@hilltop/contracts';
import { Body, Controller, Get, Patch } from '@nestjs/common';
import { Access, Guests } from '../access/access.decorator.js';
import { Answer } from '../access/answer.decorator.js';
import { zod } from '../access/zod.pipe.js';
import { InvitationService } from '../invitations/invitation.service.js';
import { SystemService } from './system.service.js';

@Controller('api/v1/system')
@Guests('refused')
export class SystemController {
  constructor(
    private readonly system: SystemService,
    private readonly invitations: InvitationService,
  ) {}

  @Get()
  @Access('viewer')
  @Answer(System, 'How the coordinator is: versions, data, counts, settings')
  get(): Promise<System> {
    return this.system.get();
  }

  @Patch()
  @Access('admin')
  @Answer(System, 'Switch guests on or off; off sends out those who are here')
  async update(@Body(zod(SystemUpdate)) update: SystemUpdate): Promise<System> {
    await this.invitations.allow(update.guests);
    return this.system.get();
  }
}
