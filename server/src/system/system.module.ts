import { Module } from '@nestjs/common';
import { InvitationModule } from '../invitations/invitation.module.js';
import { SystemController } from './system.controller.js';
import { SystemService } from './system.service.js';

@Module({ imports: [InvitationModule], controllers: [SystemController], providers: [SystemService] })
export class SystemModule {}
