import { Module } from '@nestjs/common';
import { LabModule } from '../lab/lab.module.js';
import { GuestService } from './guest.service.js';
import { InvitationController } from './invitation.controller.js';
import { InvitationService } from './invitation.service.js';

@Module({
  imports: [LabModule],
  controllers: [InvitationController],
  providers: [GuestService, InvitationService],
  exports: [InvitationService],
})
export class InvitationModule {}
