import { Id, PageQuery, pageOf, Token, TokenCreate, TokenCreated } from '@hilltop/contracts';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { Access } from '../access/access.decorator.js';
import { type Actor, CurrentActor } from '../access/actor.js';
import { Answer, SecretAnswer } from '../access/answer.decorator.js';
import { zod } from '../access/zod.pipe.js';
import { TokenService } from './token.service.js';

@Controller('api/v1/tokens')
@Access('operator')
export class TokenController {
  constructor(private readonly tokens: TokenService) {}

  @Get()
  @Answer(pageOf(Token), 'List tokens; secrets are never shown again')
  list(@CurrentActor() actor: Actor, @Query(zod(PageQuery)) query: PageQuery) {
    return this.tokens.list(actor, query);
  }

  @Post()
  @SecretAnswer()
  @Answer(TokenCreated, 'Make a token; the only time its secret is shown')
  create(@CurrentActor() actor: Actor, @Body(zod(TokenCreate)) wish: TokenCreate): Promise<TokenCreated> {
    return this.tokens.create(actor, wish);
  }

  @Delete(':id')
  @HttpCode(204)
  async revoke(@CurrentActor() actor: Actor, @Param('id', zod(Id)) id: string): Promise<void> {
    await this.tokens.revoke(actor, id);
  }
}
