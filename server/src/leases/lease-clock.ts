import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { LOG, type Log } from '../log.js';
import { LeaseService } from './lease.service.js';

/** How often it is looked whether something is due; that look costs nothing while nothing is. */
const sweepMs = 1000;

/** Ends leases and grants them by time. */
@Injectable()
export class LeaseClock implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> | undefined;

  constructor(
    private readonly leases: LeaseService,
    @Inject(LOG) log: Log,
  ) {
    this.#log = log.child({ part: 'leases' });
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.leases.restart();
    this.#timer = setInterval(() => {
      this.#sweeping ??= this.leases
        .sweep()
        .catch((error: unknown) => this.#log.error({ err: error }, 'leases could not be looked at'))
        .finally(() => {
          this.#sweeping = undefined;
        });
    }, sweepMs);
    this.#timer.unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweeping;
  }
}
