import { Activity, ActivityQuery, pageOf } from '@hilltop/contracts';
import { Controller, Get, Query } from '@nestjs/common';
import { Access } from '../access/access.decorator.js';
import { Answer } from '../access/answer.decorator.js';
import { zod } from '../access/zod.pipe.js';
import { ActivityService } from './activity.service.js';

@Controller('api/v1/activities')
export class ActivityController {
  constructor(private readonly activities: ActivityService) {}

  @Get()
  @Access('viewer')
  @Answer(pageOf(Activity), 'Who did what, newest first')
  list(@Query(zod(ActivityQuery)) query: ActivityQuery): Promise<{ items: Activity[]; next?: string }> {
    return this.activities.list(query);
  }
}
