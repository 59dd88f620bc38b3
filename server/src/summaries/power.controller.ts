import { PowerDocument } from '@hilltop/contracts';
import { Controller, Get, Param } from '@nestjs/common';
import * as z from 'zod';
import { Access } from '../access/access.decorator.js';
import { Answer } from '../access/answer.decorator.js';
import { zod } from '../access/zod.pipe.js';
import { PowerService } from './power.service.js';

const Id = z.string().min(1).max(100);

@Controller('api/v1/runs')
export class PowerController {
  constructor(private readonly power: PowerService) {}

  @Get(':id/power')
  @Access('viewer')
  @Answer(PowerDocument, 'Power beside a run, brought to at most 2000 buckets that keep the extremes, with its marks')
  ofRun(@Param('id', zod(Id)) id: string): Promise<PowerDocument> {
    return this.power.ofRun(id);
  }
}
