import { LabError } from '@hilltop/contracts';
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { CONFIG, type Config } from '../config.js';
import { Database } from '../links/database.js';

/** Refuses new writes of people while the database is behind: what agents must get rid of goes first. */
@Injectable()
export class OverloadGuard implements CanActivate {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly database: Database,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http') return true;
    const { method } = context.switchToHttp().getRequest<Request>();
    if (/^(GET|HEAD|OPTIONS)$/.test(method) || this.database.writerQueueLength <= this.config.limits.queuedWrites)
      return true;
    throw new LabError('lab.overloaded', 'the lab is busy; try again in a few seconds');
  }
}
