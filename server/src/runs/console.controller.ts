import { ConsoleDocument } from '@hilltop/contracts';
import { Controller, Get, Param } from '@nestjs/common';
import * as z from 'zod';
import { Access } from '../access/access.decorator.js';
import { Answer } from '../access/answer.decorator.js';
import { zod } from '../access/zod.pipe.js';
import { ConsoleService } from './console.service.js';

const Id = z.string().min(1).max(100);

@Controller('api/v1')
export class ConsoleController {
  constructor(private readonly consoles: ConsoleService) {}

  @Get('devices/:id/console')
  @Access('viewer')
  @Answer(ConsoleDocument, 'What a device printed beside its protocol lately, by id or name')
  ofDevice(@Param('id', zod(Id)) id: string): Promise<ConsoleDocument> {
    return this.consoles.ofDevice(id);
  }

  @Get('runs/:id/console')
  @Access('viewer')
  @Answer(ConsoleDocument, 'What its device printed during a run')
  ofRun(@Param('id', zod(Id)) id: string): Promise<ConsoleDocument> {
    return this.consoles.ofRun(id);
  }
}
