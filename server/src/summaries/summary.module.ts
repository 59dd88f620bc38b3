import { Module } from '@nestjs/common';
import { ModelModule } from '../models/model.module.js';
import { SummaryService } from './summary.service.js';

@Module({ imports: [ModelModule], providers: [SummaryService], exports: [SummaryService] })
export class SummaryModule {}
