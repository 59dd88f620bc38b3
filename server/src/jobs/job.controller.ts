import { Job, JobCancel, JobCreate, PageQuery, pageOf } from '@hilltop/contracts';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import * as z from 'zod';
import { Access } from '../access/access.decorator.js';
import { type Actor, CurrentActor } from '../access/actor.js';
import { Answer } from '../access/answer.decorator.js';
import { zod } from '../access/zod.pipe.js';
import { JobService, type JobWish } from './job.service.js';

const JobId = z.string().min(1).max(100);

@Controller('api/v1/jobs')
export class JobController {
  constructor(private readonly jobs: JobService) {}

  @Post()
  @Access('operator')
  @Answer(Job, 'Submit a job')
  create(@CurrentActor() actor: Actor, @Body(zod(JobCreate)) wish: JobWish): Promise<Job> {
    return this.jobs.create(actor, wish);
  }

  @Get()
  @Access('viewer')
  @Answer(pageOf(Job), 'List the jobs, newest first')
  list(@Query(zod(PageQuery)) query: PageQuery): Promise<{ items: Job[]; next?: string }> {
    return this.jobs.list(query);
  }

  @Get(':id')
  @Access('viewer')
  @Answer(Job, 'Look at a job, device by device')
  show(@Param('id', zod(JobId)) id: string): Promise<Job> {
    return this.jobs.show(id);
  }

  @Post(':id/cancel')
  @Access('operator')
  @HttpCode(200)
  @Answer(Job, 'Cancel a job')
  cancel(
    @CurrentActor() actor: Actor,
    @Param('id', zod(JobId)) id: string,
    @Body(zod(JobCancel)) body: z.output<typeof JobCancel>,
  ): Promise<Job> {
    return this.jobs.cancel(actor, id, body.reason);
  }
}
