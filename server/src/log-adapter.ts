import { errorText } from '@hilltop/contracts';
import type { LoggerService } from '@nestjs/common';
import type { Log } from './log.js';

/** What the framework says, in our log; its start-up chatter only at `debug`. */
export class LogAdapter implements LoggerService {
  constructor(private readonly to: Log) {}

  log(message: unknown, context?: unknown): void {
    this.to.debug({ context }, errorText(message));
  }

  warn(message: unknown, context?: unknown): void {
    this.to.warn({ context }, errorText(message));
  }

  error(message: unknown, stack?: unknown, context?: unknown): void {
    this.to.error({ context, stack }, errorText(message));
  }

  debug(message: unknown, context?: unknown): void {
    this.to.debug({ context }, errorText(message));
  }
}
