import { errorText, hasSweepEnded, isLabError, type LabError, type Sweep } from '@hilltop/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { GateService } from '../gates/gate.service.js';
import { Database } from '../links/database.js';
import { Signal } from '../links/signal.js';
import { LiveService } from '../live/live.service.js';
import { LOG, type Log } from '../log.js';
import { SweepService } from '../sweeps/sweep.service.js';
import { ownerNow } from './owner-now.js';
import { ScheduleEntity } from './schedule.entity.js';
import { StartEntity } from './start.entity.js';
import { WallClock } from './wall-clock.js';

/** Share; the gate's own. */
const usualRegression = 0.01;

/** Follows a start to its end: its sweep, then the gate where the schedule names a baseline. */
@Injectable()
export class ScheduleSettler {
  /** A start has come to its end, its gate judged. */
  readonly settled = new Signal<{ startId: string }>();
  readonly #log: Log;
  readonly #work = new Set<Promise<void>>();
  #stopListening: (() => void) | undefined;

  constructor(
    private readonly database: Database,
    @Inject(SweepService) private readonly sweeps: Pick<SweepService, 'show' | 'ended'>,
    @Inject(GateService) private readonly gates: Pick<GateService, 'check'>,
    private readonly live: LiveService,
    private readonly clock: WallClock,
    @Inject(LOG) log: Log,
  ) {
    this.#log = log.child({ part: 'schedules' });
  }

  /** Listens from now on, and takes up what ended while nobody did. */
  async start(): Promise<void> {
    this.#stopListening = this.sweeps.ended.listen(({ sweepId }) => this.#later(() => this.#sweepEnded(sweepId)));
    const starts = this.database.reader.getRepository(StartEntity);
    for (const { sweepId } of await starts.findBy({ state: 'running' }))
      if (sweepId !== null) await this.#sweepEnded(sweepId);
    for (const row of await starts.findBy({ gateOpen: true })) this.#later(() => this.#gate(row.id));
  }

  async stop(): Promise<void> {
    this.#stopListening?.();
    await this.idle();
  }

  /** Everything that was heard of is done. */
  async idle(): Promise<void> {
    while (this.#work.size > 0) await Promise.all(this.#work);
  }

  #later(work: () => Promise<void>): void {
    const done = work()
      .catch((error: unknown) => this.#log.error({ err: error }, 'the end of a start'))
      .finally(() => this.#work.delete(done));
    this.#work.add(done);
  }

  async #sweepEnded(sweepId: string): Promise<void> {
    const sweep = await this.#sweep(sweepId);
    if (sweep && !hasSweepEnded(sweep.state)) return;
    const startId = await this.database.write(
      async (manager) => {
        const row = await manager.findOneBy(StartEntity, { sweepId, state: 'running' });
        if (!row) return undefined;
        const schedule = await manager.findOneByOrFail(ScheduleEntity, { id: row.scheduleId });
        const gateOpen = sweep?.state === 'succeeded' && schedule.baseline !== null;
        await manager.update(
          StartEntity,
          { id: row.id },
          {
            state: 'ended',
            sweepState: sweep?.state ?? null,
            endedAt: sweep?.endedAt ?? new Date(this.clock.now()).toISOString(),
            gateOpen,
          },
        );
        this.#told(row, !gateOpen);
        return gateOpen ? row.id : undefined;
      },
      { label: 'schedule.sweep-ended' },
    );
    if (startId !== undefined) await this.#gate(startId);
  }

  /** A stop between judging and noting has it judged again: the same two give the same answer. */
  async #gate(startId: string): Promise<void> {
    const { manager } = this.database.reader;
    const row = await manager.findOneBy(StartEntity, { id: startId, gateOpen: true });
    const schedule = row && (await manager.findOneBy(ScheduleEntity, { id: row.scheduleId }));
    if (!row || !schedule) return;
    const found = await this.#judged(schedule, row.sweepId!);
    await this.database.write(
      async (writer) => {
        await writer.update(StartEntity, { id: startId }, { gateOpen: false, ...found });
        this.#told(row, true);
      },
      { label: 'schedule.gate' },
    );
  }

  async #judged(schedule: ScheduleEntity, sweep: string): Promise<Partial<StartEntity>> {
    // The baseline was taken out while the sweep ran.
    if (schedule.baseline === null) return {};
    try {
      const actor = await ownerNow(this.database.reader.manager, schedule.actor, new Date(this.clock.now()));
      const maxRegression = schedule.maxRegression ?? usualRegression;
      const gate = await this.gates.check(actor, { sweep, baseline: schedule.baseline, maxRegression });
      return { gateId: gate.id, verdict: gate.verdict };
    } catch (error) {
      if (!isLabError(error)) this.#log.error({ err: error, scheduleId: schedule.id, sweepId: sweep }, 'gate');
      const code = isLabError(error) ? error.code : 'lab.internal';
      return { error: { code, message: errorText(error) } };
    }
  }

  /** Undefined: it is gone. */
  async #sweep(id: string): Promise<Sweep | undefined> {
    try {
      return await this.sweeps.show(id);
    } catch (error) {
      if (isLabError(error, 'sweep.unknown')) return undefined;
      throw error as LabError;
    }
  }

  #told({ id, scheduleId }: StartEntity, isLast: boolean): void {
    this.database.afterCommit(() => {
      this.live.touch('schedule', scheduleId);
      if (isLast) this.settled.emit({ startId: id });
    });
  }
}
