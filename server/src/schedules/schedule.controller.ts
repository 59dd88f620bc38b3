import {
  DuePreview,
  DueQuery,
  Night,
  PageQuery,
  pageOf,
  Schedule,
  ScheduleCreate,
  ScheduleStart,
  ScheduleUpdate,
} from '@hilltop/contracts';
import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import * as z from 'zod';
import { Access } from '../access/access.decorator.js';
import { type Actor, CurrentActor } from '../access/actor.js';
import { Answer } from '../access/answer.decorator.js';
import { zod } from '../access/zod.pipe.js';
import { duePreview } from './due-preview.js';
import { ScheduleService } from './schedule.service.js';
import { ScheduleNights } from './schedule-nights.js';
import { WallClock } from './wall-clock.js';

const IdOrName = z.string().min(1).max(100);

@Controller('api/v1/schedules')
export class ScheduleController {
  constructor(
    private readonly schedules: ScheduleService,
    private readonly nightly: ScheduleNights,
    private readonly clock: WallClock,
  ) {}

  @Post()
  @Access('operator')
  @Answer(Schedule, 'Start a sweep by the clock')
  create(
    @CurrentActor() actor: Actor,
    @Body(zod(ScheduleCreate)) wish: z.output<typeof ScheduleCreate>,
  ): Promise<Schedule> {
    return this.schedules.create(actor, wish);
  }

  @Get()
  @Access('viewer')
  @Answer(pageOf(Schedule), 'List the schedules by name')
  list(@Query(zod(PageQuery)) query: PageQuery): Promise<{ items: Schedule[]; next?: string }> {
    return this.schedules.list(query);
  }

  // Before `:id`, which would take it for one.
  @Get('due')
  @Access('viewer')
  @Answer(DuePreview, 'What a rule would do: in words, its next starts, and what the next change of clocks does to it')
  due(@Query(zod(DueQuery)) rule: z.output<typeof DueQuery>): DuePreview {
    return duePreview(rule, this.clock.now());
  }

  @Get(':id')
  @Access('viewer')
  @Answer(Schedule, 'Look at a schedule')
  show(@Param('id', zod(IdOrName)) id: string): Promise<Schedule> {
    return this.schedules.show(id);
  }

  @Patch(':id')
  @Access('operator')
  @Answer(Schedule, 'Change a schedule; what is not named stays')
  update(
    @CurrentActor() actor: Actor,
    @Param('id', zod(IdOrName)) id: string,
    @Body(zod(ScheduleUpdate)) wish: z.output<typeof ScheduleUpdate>,
  ): Promise<Schedule> {
    return this.schedules.update(actor, id, wish);
  }

  @Delete(':id')
  @Access('operator')
  @HttpCode(204)
  async remove(@CurrentActor() actor: Actor, @Param('id', zod(IdOrName)) id: string): Promise<void> {
    await this.schedules.remove(actor, id);
  }

  @Post(':id/trigger')
  @Access('operator')
  @Answer(ScheduleStart, 'Start it now, whatever the clock says')
  trigger(@CurrentActor() actor: Actor, @Param('id', zod(IdOrName)) id: string): Promise<ScheduleStart> {
    return this.schedules.trigger(actor, id);
  }

  @Post(':id/pause')
  @Access('operator')
  @HttpCode(200)
  @Answer(Schedule, 'Start nothing until it is resumed')
  pause(@Param('id', zod(IdOrName)) id: string): Promise<Schedule> {
    return this.schedules.pause(id);
  }

  @Post(':id/resume')
  @Access('operator')
  @HttpCode(200)
  @Answer(Schedule, 'Start by the clock again')
  resume(@Param('id', zod(IdOrName)) id: string): Promise<Schedule> {
    return this.schedules.resume(id);
  }

  @Get(':id/starts')
  @Access('viewer')
  @Answer(pageOf(ScheduleStart), 'When it was due and what came of it, newest first')
  starts(
    @Param('id', zod(IdOrName)) id: string,
    @Query(zod(PageQuery)) query: PageQuery,
  ): Promise<{ items: ScheduleStart[]; next?: string }> {
    return this.schedules.starts(id, query);
  }

  @Get(':id/nights')
  @Access('viewer')
  @Answer(pageOf(Night), 'Its starts with what their gates say today, newest first')
  nights(
    @Param('id', zod(IdOrName)) id: string,
    @Query(zod(PageQuery)) query: PageQuery,
  ): Promise<{ items: Night[]; next?: string }> {
    return this.nightly.of(id, query);
  }
}
