import { Id, PageQuery, pageOf, Subscription, SubscriptionCreate, SubscriptionTest } from '@hilltop/contracts';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import type * as z from 'zod';
import { Access } from '../access/access.decorator.js';
import { type Actor, CurrentActor } from '../access/actor.js';
import { Answer } from '../access/answer.decorator.js';
import { zod } from '../access/zod.pipe.js';
import { SubscriptionService } from './subscription.service.js';

/** An admin's, since each makes the coordinator call an address. */
@Controller('api/v1/subscriptions')
export class SubscriptionController {
  constructor(private readonly subscriptions: SubscriptionService) {}

  @Post()
  @Access('admin')
  @Answer(Subscription, 'Tell a webhook or a folder what is new')
  create(
    @CurrentActor() actor: Actor,
    @Body(zod(SubscriptionCreate)) wish: z.output<typeof SubscriptionCreate>,
  ): Promise<Subscription> {
    return this.subscriptions.create(actor, wish);
  }

  @Get()
  @Access('operator')
  @Answer(pageOf(Subscription), 'List who is told of what; secrets are never shown')
  list(@Query(zod(PageQuery)) query: PageQuery): Promise<{ items: Subscription[]; next?: string }> {
    return this.subscriptions.list(query);
  }

  @Get(':id')
  @Access('operator')
  @Answer(Subscription, 'Look at a subscription')
  show(@Param('id', zod(Id)) id: string): Promise<Subscription> {
    return this.subscriptions.show(id);
  }

  @Delete(':id')
  @Access('admin')
  @HttpCode(204)
  async remove(@Param('id', zod(Id)) id: string): Promise<void> {
    await this.subscriptions.remove(id);
  }

  @Post(':id/test')
  @Access('admin')
  @HttpCode(200)
  @Answer(SubscriptionTest, 'Send a test now')
  test(@CurrentActor() actor: Actor, @Param('id', zod(Id)) id: string): Promise<SubscriptionTest> {
    return this.subscriptions.test(actor, id);
  }
}
