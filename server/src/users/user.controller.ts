import { Id, Me, PageQuery, pageOf, User, UserCreate, UserUpdate } from '@hilltop/contracts';
import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import type * as z from 'zod';
import { Access, Guests } from '../access/access.decorator.js';
import { type Actor, CurrentActor } from '../access/actor.js';
import { Answer } from '../access/answer.decorator.js';
import { zod } from '../access/zod.pipe.js';
import { UserService } from './user.service.js';

@Controller('api/v1')
export class UserController {
  constructor(private readonly users: UserService) {}

  @Get('me')
  @Access('viewer')
  @Answer(Me, 'Who the bearer of the token is')
  async me(@CurrentActor() actor: Actor): Promise<Me> {
    const user = actor.userId === undefined ? undefined : await this.users.get(actor.userId);
    const until = actor.guest && (await this.users.tokenEnds(actor.tokenId));
    const guest = until !== undefined && { name: actor.name, until };
    return { tokenId: actor.tokenId, role: actor.role, ...(user && { user }), ...(guest && { guest }) };
  }

  @Get('users')
  @Access('viewer')
  @Guests('refused')
  @Answer(pageOf(User), 'List the users')
  list(@Query(zod(PageQuery)) query: PageQuery): Promise<z.infer<ReturnType<typeof pageOf<typeof User>>>> {
    return this.users.list(query);
  }

  @Post('users')
  @Access('admin')
  @Answer(User, 'Make a user')
  create(@Body(zod(UserCreate)) wish: UserCreate): Promise<User> {
    return this.users.create(wish);
  }

  @Get('users/:id')
  @Access('viewer')
  @Guests('refused')
  @Answer(User, 'Look at a user')
  get(@Param('id', zod(Id)) id: string): Promise<User> {
    return this.users.get(id);
  }

  @Patch('users/:id')
  @Access('admin')
  @Answer(User, 'Give a user another name or role')
  update(@Param('id', zod(Id)) id: string, @Body(zod(UserUpdate)) update: UserUpdate): Promise<User> {
    return this.users.update(id, update);
  }

  @Delete('users/:id')
  @Access('admin')
  @HttpCode(204)
  async remove(@Param('id', zod(Id)) id: string): Promise<void> {
    await this.users.remove(id);
  }
}
