import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Database } from '../links/database.js';
import { LOG, type Log } from '../log.js';
import { ScheduleEntity } from './schedule.entity.js';
import { ScheduleSettler } from './schedule-settler.js';
import { ScheduleStarter } from './schedule-starter.js';
import { WallClock } from './wall-clock.js';

/** A look that failed is made again after this. */
const retryMs = 1000;

/** Looks when the next schedule is due. */
@Injectable()
export class ScheduleTimer implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #log: Log;
  #cancel: (() => void) | undefined;
  #looking: Promise<void> | undefined;
  #again = false;
  #stopped = false;

  constructor(
    private readonly database: Database,
    private readonly starter: ScheduleStarter,
    private readonly settler: ScheduleSettler,
    private readonly clock: WallClock,
    @Inject(LOG) log: Log,
  ) {
    this.#log = log.child({ part: 'schedules' });
  }

  /** What ended meanwhile is settled first: what it stood in the way of may start. */
  async onApplicationBootstrap(): Promise<void> {
    await this.settler.start();
    this.kick();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.#looking;
    await this.settler.stop();
  }

  /** Something about a schedule has changed: look now. */
  kick(): void {
    if (this.#stopped) return;
    this.#again = true;
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
  }

  /** Nothing is being looked at. */
  async idle(): Promise<void> {
    await this.#looking;
    await this.settler.idle();
  }

  async #look(): Promise<void> {
    let waitMs = this.clock.longestWaitMs;
    while (this.#again && !this.#stopped) {
      this.#again = false;
      this.#cancel?.();
      waitMs = this.clock.longestWaitMs;
      for (const schedule of await this.#schedules()) {
        const next = await this.#due(schedule);
        waitMs = Math.min(waitMs, Math.max(1, next - this.clock.now()));
      }
    }
    if (!this.#stopped) this.#cancel = this.clock.after(waitMs, () => this.kick());
  }

  async #schedules(): Promise<ScheduleEntity[]> {
    try {
      return await this.database.reader
        .getRepository(ScheduleEntity)
        .find({ where: { paused: false }, order: { id: 'ASC' } });
    } catch (error) {
      this.#log.error({ err: error }, 'schedules could not be read');
      return [];
    }
  }

  async #due(schedule: ScheduleEntity): Promise<number> {
    try {
      return (await this.starter.look(schedule)) ?? Number.POSITIVE_INFINITY;
    } catch (error) {
      this.#log.error({ err: error, scheduleId: schedule.id }, 'a schedule could not be started');
      return this.clock.now() + retryMs;
    }
  }
}
