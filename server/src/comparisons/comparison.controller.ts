import { Comparison, ComparisonQuery } from '@hilltop/contracts';
import { Controller, Get, Param, Query } from '@nestjs/common';
import * as z from 'zod';
import { Access } from '../access/access.decorator.js';
import { Answer } from '../access/answer.decorator.js';
import { zod } from '../access/zod.pipe.js';
import { ComparisonService } from './comparison.service.js';

@Controller('api/v1/models')
export class ComparisonController {
  constructor(private readonly comparisons: ComparisonService) {}

  @Get(':id/comparison')
  @Access('viewer')
  @Answer(Comparison, 'Compare points of a device: differences with their intervals, and how sure they are')
  compare(
    @Param('id', zod(z.string().min(1).max(100))) id: string,
    @Query(zod(ComparisonQuery)) query: ComparisonQuery,
  ): Promise<Comparison> {
    return this.comparisons.of(id, query);
  }
}
