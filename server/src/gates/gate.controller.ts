import {
  EnvironmentChanges,
  EnvironmentQuery,
  Gate,
  GateDecisionWish,
  GateQuery,
  GateRemeasure,
  GateSummary,
  GateWish,
  pageOf,
  TrendQuery,
  Trends,
} from '@hilltop/contracts';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import * as z from 'zod';
import { Access } from '../access/access.decorator.js';
import { type Actor, CurrentActor } from '../access/actor.js';
import { Answer } from '../access/answer.decorator.js';
import { zod } from '../access/zod.pipe.js';
import { EnvironmentService } from './environment.service.js';
import { GateService } from './gate.service.js';
import { GateRemeasurer } from './gate-remeasurer.js';
import { TrendService } from './trend.service.js';

const GateId = z.string().min(1).max(100);
const Row = z.coerce.number().int().min(1).max(1_000_000);

@Controller('api/v1/gates')
export class GateController {
  constructor(
    private readonly gates: GateService,
    private readonly trends: TrendService,
    private readonly environments: EnvironmentService,
    private readonly remeasurer: GateRemeasurer,
  ) {}

  @Post()
  @Access('operator')
  @Answer(Gate, 'Hold a sweep against a baseline')
  check(@CurrentActor() actor: Actor, @Body(zod(GateWish)) wish: z.output<typeof GateWish>): Promise<Gate> {
    return this.gates.check(actor, wish);
  }

  @Get()
  @Access('viewer')
  @Answer(pageOf(GateSummary), 'List the gates, newest first, without their rows')
  list(@Query(zod(GateQuery)) query: GateQuery): Promise<{ items: GateSummary[]; next?: string }> {
    return this.gates.list(query);
  }

  // Before `:id`, which would take it for one.
  @Get('trends')
  @Access('viewer')
  @Answer(Trends, 'Every metric over the nights of one sweep or schedule, with where it changed')
  trend(@Query(zod(TrendQuery)) query: TrendQuery): Promise<Trends> {
    return this.trends.of(query);
  }

  @Get(':id')
  @Access('viewer')
  @Answer(Gate, 'Look at a gate, row by row')
  show(@Param('id', zod(GateId)) id: string): Promise<Gate> {
    return this.gates.show(id);
  }

  @Get(':id/environment')
  @Access('viewer')
  @Answer(EnvironmentChanges, 'What changed on its devices since the baseline, or since another sweep')
  async environment(
    @Param('id', zod(GateId)) id: string,
    @Query(zod(EnvironmentQuery)) { since }: z.output<typeof EnvironmentQuery>,
  ): Promise<z.output<typeof EnvironmentChanges>> {
    return { items: await this.environments.since(id, since) };
  }

  @Post(':id/rows/:row/remeasure')
  @Access('operator')
  @HttpCode(200)
  @Answer(Gate, 'Call a row noise, and measure it again under `strict`')
  remeasure(
    @CurrentActor() actor: Actor,
    @Param('id', zod(GateId)) id: string,
    @Param('row', zod(Row)) row: number,
    @Body(zod(GateRemeasure)) wish: z.output<typeof GateRemeasure>,
  ): Promise<Gate> {
    return this.remeasurer.remeasure(actor, id, row, wish);
  }

  @Post(':id/rows/:row/decision')
  @Access('operator')
  @HttpCode(200)
  @Answer(Gate, 'Accept a row, or reopen it with a comment')
  decide(
    @CurrentActor() actor: Actor,
    @Param('id', zod(GateId)) id: string,
    @Param('row', zod(Row)) row: number,
    @Body(zod(GateDecisionWish)) wish: z.output<typeof GateDecisionWish>,
  ): Promise<Gate> {
    return this.gates.decide(actor, id, row, wish);
  }
}
