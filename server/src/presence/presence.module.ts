import { Module } from '@nestjs/common';
import { PresenceController } from './presence.controller.js';
import { PresenceGateway } from './presence.gateway.js';

@Module({ controllers: [PresenceController], providers: [PresenceGateway], exports: [PresenceGateway] })
export class PresenceModule {}
