import { Session, SessionCode, SessionCreate } from '@hilltop/contracts';
import { Body, Controller, Delete, HttpCode, Post } from '@nestjs/common';
import { Access, Guests } from '../access/access.decorator.js';
import { type Actor, CurrentActor } from '../access/actor.js';
import { Answer, SecretAnswer } from '../access/answer.decorator.js';
import { LoginRoute } from '../access/login-limit.interceptor.js';
import { zod } from '../access/zod.pipe.js';
import { SessionService } from './session.service.js';

@Controller('api/v1/sessions')
export class SessionController {
  constructor(private readonly sessions: SessionService) {}

  @Post()
  @Access('public')
  @LoginRoute()
  @SecretAnswer()
  @Answer(Session, 'Exchange a one-time sign-in code for a token')
  create(@Body(zod(SessionCreate)) { code }: SessionCreate): Promise<Session> {
    return this.sessions.create(code);
  }

  @Post('codes')
  @Access('viewer')
  @SecretAnswer()
  @Answer(SessionCode, 'A one-time sign-in code for the caller')
  createCode(@CurrentActor() actor: Actor): SessionCode {
    return this.sessions.createCode(actor);
  }

  @Delete('current')
  @Access('viewer')
  @Guests('welcome')
  @HttpCode(204)
  async end(@CurrentActor() actor: Actor): Promise<void> {
    await this.sessions.end(actor);
  }
}
