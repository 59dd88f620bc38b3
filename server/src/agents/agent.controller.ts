import { Agent, AgentId, AgentJoin, AgentJoined, PageQuery, pageOf } from '@hilltop/contracts';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { Access } from '../access/access.decorator.js';
import { Answer } from '../access/answer.decorator.js';
import { LoginRoute } from '../access/login-limit.interceptor.js';
import { zod } from '../access/zod.pipe.js';
import { AgentService } from './agent.service.js';

@Controller('api/v1/agents')
export class AgentController {
  constructor(private readonly agents: AgentService) {}

  @Post()
  @Access('public')
  @LoginRoute()
  @Answer(AgentJoined, 'Enrol an agent with a one-time join token')
  join(@Body(zod(AgentJoin)) join: AgentJoin): Promise<AgentJoined> {
    return this.agents.join(join);
  }

  @Get()
  @Access('viewer')
  @Answer(pageOf(Agent), 'List the agents')
  list(@Query(zod(PageQuery)) query: PageQuery) {
    return this.agents.list(query);
  }

  @Get(':id')
  @Access('viewer')
  @Answer(Agent, 'Look at an agent')
  get(@Param('id', zod(AgentId)) id: string): Promise<Agent> {
    return this.agents.get(id);
  }

  @Delete(':id/credentials')
  @Access('admin')
  @HttpCode(204)
  async revoke(@Param('id', zod(AgentId)) id: string): Promise<void> {
    await this.agents.revoke(id);
  }
}
