import { Module } from '@nestjs/common';
import { TokenModule } from '../tokens/token.module.js';
import { AgentController } from './agent.controller.js';
import { AgentService } from './agent.service.js';

@Module({ imports: [TokenModule], controllers: [AgentController], providers: [AgentService], exports: [AgentService] })
export class AgentModule {}
