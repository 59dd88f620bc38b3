import {
  GuestSession,
  GuestSessionCreate,
  Id,
  Invitation,
  InvitationCreate,
  InvitationCreated,
  PageQuery,
  pageOf,
} from '@hilltop/contracts';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import type * as z from 'zod';
import { Access } from '../access/access.decorator.js';
import { type Actor, CurrentActor } from '../access/actor.js';
import { Answer, SecretAnswer } from '../access/answer.decorator.js';
import { LoginRoute } from '../access/login-limit.interceptor.js';
import { zod } from '../access/zod.pipe.js';
import { GuestService } from './guest.service.js';
import { InvitationService } from './invitation.service.js';

@Controller('api/v1')
export class InvitationController {
  constructor(
    private readonly invitations: InvitationService,
    private readonly guests: GuestService,
  ) {}

  @Post('invitations')
  @Access('operator')
  @SecretAnswer()
  @Answer(InvitationCreated, 'Make a link that lets people in to watch; the only time it is shown')
  create(
    @CurrentActor() actor: Actor,
    @Body(zod(InvitationCreate)) wish: z.output<typeof InvitationCreate>,
  ): Promise<InvitationCreated> {
    return this.invitations.create(actor, wish);
  }

  @Get('invitations')
  @Access('operator')
  @Answer(pageOf(Invitation), 'List the links, newest first; their codes are never shown again')
  list(@Query(zod(PageQuery)) query: PageQuery) {
    return this.invitations.list(query);
  }

  @Delete('invitations/:id')
  @Access('operator')
  @HttpCode(204)
  async revoke(@CurrentActor() actor: Actor, @Param('id', zod(Id)) id: string): Promise<void> {
    await this.invitations.revoke(actor, id);
  }

  @Post('sessions/guest')
  @Access('public')
  @LoginRoute()
  @SecretAnswer()
  @Answer(GuestSession, 'Exchange the code of a link for a token that only reads')
  enter(@Body(zod(GuestSessionCreate)) wish: GuestSessionCreate): Promise<GuestSession> {
    return this.guests.enter(wish);
  }
}
