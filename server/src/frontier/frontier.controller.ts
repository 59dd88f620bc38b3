import { Frontier, FrontierQuery } from '@hilltop/contracts';
import { Controller, Get, Query } from '@nestjs/common';
import { Access } from '../access/access.decorator.js';
import { Answer } from '../access/answer.decorator.js';
import { zod } from '../access/zod.pipe.js';
import { FrontierService } from './frontier.service.js';

@Controller('api/v1/frontier')
export class FrontierController {
  constructor(private readonly frontiers: FrontierService) {}

  @Get()
  @Access('viewer')
  @Answer(Frontier, 'What is worth shipping, per device and over the fleet')
  query(@Query(zod(FrontierQuery)) query: FrontierQuery): Promise<Frontier> {
    return this.frontiers.query(query);
  }
}
