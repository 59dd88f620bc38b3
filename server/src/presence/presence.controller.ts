import { Presence } from '@hilltop/contracts';
import { Controller, Get } from '@nestjs/common';
import * as z from 'zod';
import { Access } from '../access/access.decorator.js';
import { Answer } from '../access/answer.decorator.js';
import { PresenceGateway } from './presence.gateway.js';

const Here = z.object({ items: z.array(Presence) });

@Controller('api/v1/presence')
export class PresenceController {
  constructor(private readonly gateway: PresenceGateway) {}

  @Get()
  @Access('viewer')
  @Answer(Here, 'Who is here, and what they look at')
  list(): z.infer<typeof Here> {
    return { items: this.gateway.roster.all().here };
  }
}
