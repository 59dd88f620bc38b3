import {
  PageQuery,
  pageOf,
  Sweep,
  SweepCancel,
  SweepCreate,
  SweepFile,
  SweepPreview,
  SweepUpdate,
  Trial,
} from '@hilltop/contracts';
import { Body, Controller, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import * as z from 'zod';
import { Access } from '../access/access.decorator.js';
import { type Actor, CurrentActor } from '../access/actor.js';
import { Answer } from '../access/answer.decorator.js';
import { zod } from '../access/zod.pipe.js';
import { SweepService } from './sweep.service.js';

const SweepId = z.string().min(1).max(100);
const Nothing = z.strictObject({});

@Controller('api/v1/sweeps')
export class SweepController {
  constructor(private readonly sweeps: SweepService) {}

  @Post()
  @Access('operator')
  @Answer(Sweep, 'Begin a sweep')
  create(@CurrentActor() actor: Actor, @Body(zod(SweepCreate)) { file }: z.output<typeof SweepCreate>): Promise<Sweep> {
    return this.sweeps.create(actor, { file });
  }

  @Post('preview')
  @Access('viewer')
  @HttpCode(200)
  @Answer(SweepPreview, 'See what a sweep would try')
  preview(@Body(zod(z.strictObject({ file: SweepFile }))) { file }: { file: SweepFile }): Promise<SweepPreview> {
    return this.sweeps.preview(file);
  }

  @Get()
  @Access('viewer')
  @Answer(pageOf(Sweep), 'List the sweeps, newest first')
  list(@Query(zod(PageQuery)) query: PageQuery): Promise<{ items: Sweep[]; next?: string }> {
    return this.sweeps.list(query);
  }

  @Get(':id')
  @Access('viewer')
  @Answer(Sweep, 'Look at a sweep, device by device')
  show(@Param('id', zod(SweepId)) id: string): Promise<Sweep> {
    return this.sweeps.show(id);
  }

  @Patch(':id')
  @Access('operator')
  @Answer(Sweep, 'Go on with a changed file: what still applies stays')
  update(
    @CurrentActor() actor: Actor,
    @Param('id', zod(SweepId)) id: string,
    @Body(zod(SweepUpdate)) { file }: z.output<typeof SweepUpdate>,
  ): Promise<Sweep> {
    return this.sweeps.update(actor, id, file);
  }

  @Get(':id/trials')
  @Access('viewer')
  @Answer(pageOf(Trial), 'List the trials of a sweep in the order in which they were chosen')
  trials(
    @Param('id', zod(SweepId)) id: string,
    @Query(zod(PageQuery)) query: PageQuery,
  ): Promise<{ items: Trial[]; next?: string }> {
    return this.sweeps.trialPage(id, query);
  }

  @Post(':id/cancel')
  @Access('operator')
  @HttpCode(200)
  @Answer(Sweep, 'Cancel a sweep')
  cancel(
    @CurrentActor() actor: Actor,
    @Param('id', zod(SweepId)) id: string,
    @Body(zod(SweepCancel)) { reason }: z.output<typeof SweepCancel>,
  ): Promise<Sweep> {
    return this.sweeps.cancel(actor, id, reason);
  }

  @Post(':id/pause')
  @Access('operator')
  @HttpCode(200)
  @Answer(Sweep, 'Begin nothing new until the sweep is resumed')
  pause(
    @CurrentActor() actor: Actor,
    @Param('id', zod(SweepId)) id: string,
    @Body(zod(Nothing)) _body: z.output<typeof Nothing>,
  ): Promise<Sweep> {
    return this.sweeps.pause(actor, id);
  }

  @Post(':id/resume')
  @Access('operator')
  @HttpCode(200)
  @Answer(Sweep, 'Go on with a paused sweep')
  resume(
    @CurrentActor() actor: Actor,
    @Param('id', zod(SweepId)) id: string,
    @Body(zod(Nothing)) _body: z.output<typeof Nothing>,
  ): Promise<Sweep> {
    return this.sweeps.resume(actor, id);
  }
}
