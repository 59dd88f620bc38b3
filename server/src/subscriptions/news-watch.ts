import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { In, LessThan, Like, MoreThan } from 'typeorm';
import { DeviceEntity } from '../devices/device.entity.js';
import { DeviceService } from '../devices/device.service.js';
import { GateEntity } from '../gates/gate.entity.js';
import { GateService } from '../gates/gate.service.js';
import { Database } from '../links/database.js';
import { LOG, type Log } from '../log.js';
import { ScheduleEntity } from '../schedules/schedule.entity.js';
import { ScheduleStarter } from '../schedules/schedule-starter.js';
import { StartEntity } from '../schedules/start.entity.js';
import { WallClock } from '../schedules/wall-clock.js';
import { SweepEntity } from '../sweeps/sweep.entity.js';
import { SweepService } from '../sweeps/sweep.service.js';
import { gateNews } from './gate-news.js';
import { NewsEntity } from './news.entity.js';
import { NewsBook } from './news-book.js';

/** What happened at most so long before a start of the coordinator is told if it has not been. */
const catchUpMs = 2 * 86_400_000;

/** Hears what happens in the lab and has what is new told; what it missed is looked up when it starts. */
@Injectable()
export class NewsWatch implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #log: Log;
  readonly #stop: Array<() => void> = [];
  /** One after the other, in the order in which they were heard. */
  #last: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly book: NewsBook,
    private readonly clock: WallClock,
    @Inject(GateService) private readonly gates: Pick<GateService, 'judged' | 'show'>,
    @Inject(SweepService) private readonly sweeps: Pick<SweepService, 'ended'>,
    @Inject(ScheduleStarter) private readonly starter: Pick<ScheduleStarter, 'noted'>,
    @Inject(DeviceService) private readonly devices: Pick<DeviceService, 'rotated'>,
    @Inject(LOG) log: Log,
  ) {
    this.#log = log.child({ part: 'news' });
  }

  async onApplicationBootstrap(): Promise<void> {
    this.#stop.push(
      this.gates.judged.listen(({ gateId }) => this.#next(() => this.#gate(gateId))),
      this.sweeps.ended.listen(({ sweepId }) => this.#next(() => this.#sweep(sweepId))),
      this.starter.noted.listen(({ startId }) => this.#next(() => this.#start(startId))),
      this.devices.rotated.listen(({ deviceId }) => this.#next(() => this.#device(deviceId))),
    );
    this.#next(() => this.#catchUp());
    this.#next(() => this.book.prune());
  }

  async onApplicationShutdown(): Promise<void> {
    for (const stop of this.#stop) stop();
    await this.#last;
  }

  /** Everything that was heard is told. */
  async idle(): Promise<void> {
    await this.#last;
  }

  #next(work: () => Promise<void>): void {
    this.#last = this.#last
      .then(work)
      .catch((error: unknown) => this.#log.error({ err: error }, 'news could not be told'));
  }

  async #catchUp(): Promise<void> {
    const { manager } = this.database.reader;
    const since = new Date(this.clock.now() - catchUpMs).toISOString();
    const sweeps = await manager.findBy(SweepEntity, { state: 'failed', endedAt: MoreThan(since) });
    for (const { id } of sweeps) await this.#sweep(id);
    for (const { id } of await manager.find(StartEntity, {
      where: { at: MoreThan(since) },
      order: { position: 'ASC' },
    }))
      await this.#start(id);
    for (const { id } of await manager.find(GateEntity, {
      where: { createdAt: MoreThan(since) },
      order: { position: 'ASC' },
    }))
      await this.#gate(id);
    for (const { id } of await manager.find(DeviceEntity, { select: { id: true } })) await this.#device(id);
  }

  async #gate(gateId: string): Promise<void> {
    const gate = await this.gates.show(gateId);
    // A person's decision changes what a gate says, and the person knows.
    if (gate.rows.some((row) => row.decision)) return;
    const { sweepId, sweepName, baselineName, maxRegression, verdict } = gate;
    const { manager } = this.database.reader;
    const { position } = await manager.findOneByOrFail(GateEntity, { id: gateId });
    const before = await manager.findOne(GateEntity, {
      where: { sweepName, baselineName, maxRegression, position: LessThan(position) },
      order: { position: 'DESC' },
    });
    const found = gateNews(gate, before ? await this.gates.show(before.id) : undefined);
    if (!found) return;
    const { kind, text, rows, rowCount } = found;
    const sweep = await manager.findOneBy(SweepEntity, { id: sweepId });
    await this.book.tell({
      key: `gate:${gateId}`,
      kind,
      data: {
        text,
        gateId,
        verdict,
        baselineName,
        sweepId,
        sweepName,
        ...(rowCount > 0 && { rows: [...rows], rowCount }),
        ...(await this.#schedule(sweep?.scheduleId ?? null)),
      },
    });
  }

  async #sweep(sweepId: string): Promise<void> {
    const sweep = await this.database.reader.manager.findOneBy(SweepEntity, { id: sweepId });
    if (sweep?.state !== 'failed') return;
    const why = sweep.error?.message ?? sweep.note;
    await this.book.tell({
      key: `sweep:${sweepId}`,
      kind: 'sweep-failed',
      data: {
        text: `${sweep.name} failed${why ? `: ${why}` : ''}`.slice(0, 1000),
        sweepId,
        sweepName: sweep.name,
        ...(sweep.error && { error: sweep.error }),
        ...(await this.#schedule(sweep.scheduleId)),
      },
    });
  }

  async #start(startId: string): Promise<void> {
    const start = await this.database.reader.manager.findOneBy(StartEntity, {
      id: startId,
      state: In(['missed', 'skipped', 'failed']),
    });
    if (!start) return;
    const schedule = await this.#schedule(start.scheduleId);
    await this.book.tell({
      key: `start:${startId}`,
      kind: 'schedule-missed',
      data: {
        text: `${schedule.scheduleName ?? start.scheduleId} was due ${start.dueAt}: ${reasonOf(start)}`.slice(0, 1000),
        ...schedule,
        ...(start.error && { error: start.error }),
      },
    });
  }

  async #device(deviceId: string): Promise<void> {
    const { manager } = this.database.reader;
    const device = await manager.findOneBy(DeviceEntity, { id: deviceId });
    if (!device) return;
    const about = { deviceId, deviceName: device.name };
    const { quarantine } = device;
    if (quarantine) {
      const text = `${device.name} is out of rotation: ${quarantine.reason}`.slice(0, 1000);
      await this.book.tell({
        key: `quarantine:${deviceId}:${quarantine.since}`,
        kind: 'device-quarantined',
        data: { text, ...about },
      });
      return;
    }
    const last = await manager.findOne(NewsEntity, {
      where: { key: Like(`quarantine:${deviceId}:%`) },
      order: { at: 'DESC' },
    });
    if (!last) return;
    await this.book.tell({
      key: last.key.replace(/^quarantine/, 'return'),
      kind: 'device-returned',
      data: { text: `${device.name} is in rotation again`, ...about },
    });
  }

  async #schedule(id: string | null): Promise<{ scheduleId?: string; scheduleName?: string }> {
    if (id === null) return {};
    const row = await this.database.reader.manager.findOneBy(ScheduleEntity, { id });
    return { scheduleId: id, ...(row && { scheduleName: row.name }) };
  }
}

function reasonOf({ state, count, error }: StartEntity): string {
  if (state === 'skipped') return 'skipped, the start before it still runs';
  if (state === 'failed') return `not started: ${error?.message ?? ''}`;
  return `missed, the lab was away${count !== null && count > 1 ? ` for ${count} starts` : ''}`;
}
