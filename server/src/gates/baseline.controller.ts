import { Baseline, BaselineFrontier, BaselineFrontierQuery, BaselinePin } from '@hilltop/contracts';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import * as z from 'zod';
import { Access } from '../access/access.decorator.js';
import { type Actor, CurrentActor } from '../access/actor.js';
import { Answer } from '../access/answer.decorator.js';
import { zod } from '../access/zod.pipe.js';
import { BaselineService } from './baseline.service.js';
import { BaselineFrontiers } from './baseline-frontiers.js';

const IdOrName = z.string().min(1).max(100);

@Controller('api/v1/baselines')
export class BaselineController {
  constructor(
    private readonly baselines: BaselineService,
    private readonly frontiers: BaselineFrontiers,
  ) {}

  @Post()
  @Access('operator')
  @Answer(Baseline, 'Pin a sweep by name')
  pin(@CurrentActor() actor: Actor, @Body(zod(BaselinePin)) wish: z.output<typeof BaselinePin>): Promise<Baseline> {
    return this.baselines.pin(actor, wish);
  }

  @Get()
  @Access('viewer')
  @Answer(z.object({ items: z.array(Baseline) }), 'List the baselines')
  async list(): Promise<{ items: Baseline[] }> {
    return { items: await this.baselines.list() };
  }

  @Get(':id')
  @Access('viewer')
  @Answer(Baseline, 'Look at a baseline')
  show(@Param('id', zod(IdOrName)) id: string): Promise<Baseline> {
    return this.baselines.show(id);
  }

  @Get(':id/frontier')
  @Access('viewer')
  @Answer(BaselineFrontier, "The frontiers of a model as the baseline's sweep measured them")
  frontier(
    @Param('id', zod(IdOrName)) id: string,
    @Query(zod(BaselineFrontierQuery)) query: BaselineFrontierQuery,
  ): Promise<BaselineFrontier> {
    return this.frontiers.of(id, query);
  }

  @Delete(':id')
  @Access('operator')
  @HttpCode(204)
  async rm(@Param('id', zod(IdOrName)) id: string): Promise<void> {
    await this.baselines.rm(id);
  }
}
