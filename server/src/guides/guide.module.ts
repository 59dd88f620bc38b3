import { Module } from '@nestjs/common';
import { FrontierModule } from '../frontier/frontier.module.js';
import { ModelModule } from '../models/model.module.js';
import { GuideController } from './guide.controller.js';
import { GuideService } from './guide.service.js';

@Module({ imports: [FrontierModule, ModelModule], controllers: [GuideController], providers: [GuideService] })
export class GuideModule {}
