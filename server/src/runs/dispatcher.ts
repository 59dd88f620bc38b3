import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { type EntityManager, In, IsNull } from 'typeorm';
import { DeviceEntity } from '../devices/device.entity.js';
import { DeviceService } from '../devices/device.service.js';
import { LeaseBook } from '../leases/lease-book.js';
import { AgentLink } from '../links/agent-link.js';
import { Database } from '../links/database.js';
import { LOG, type Log } from '../log.js';
import { ModelEntity } from '../models/model.entity.js';
import { PlanMaker } from '../variants/plan-maker.js';
import { VariantEntity } from '../variants/variant.entity.js';
import { VariantBuilder } from '../variants/variant-builder.js';
import { chooseRuns, type DispatchHead } from './dispatch-choice.js';
import { queueHeads } from './queue-heads.js';
import { RunEntity } from './run.entity.js';
import { RunLedger } from './run-ledger.js';
import { RunMetrics } from './run-metrics.js';
import { RunProgress } from './run-progress.js';
import { startMessage } from './start-message.js';
import { isHere } from './this-machine.js';

/** A start that an event missed is found within this time; no start waits for it otherwise. */
const tickMs = 1000;

/** Gives waiting runs to idle devices: at once when something changed, and to be safe each second. */
@Injectable()
export class Dispatcher implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;
  #again = false;
  #running: Promise<void> | undefined;
  #stopped = false;
  /** Wall clock, ms; what waits ages by it. */
  now: () => number = Date.now;

  constructor(
    private readonly database: Database,
    private readonly ledger: RunLedger,
    private readonly link: AgentLink,
    private readonly metrics: RunMetrics,
    private readonly builder: VariantBuilder,
    private readonly plans: PlanMaker,
    private readonly leases: LeaseBook,
    devices: DeviceService,
    progress: RunProgress,
    @Inject(LOG) log: Log,
  ) {
    this.#log = log.child({ part: 'dispatcher' });
    // A build would disturb a measurement on this machine: one waits for the other.
    for (const maker of [builder, plans]) {
      maker.holdWhile(() => progress.here);
      maker.idle.listen(() => this.kick());
    }
    leases.changed.listen(() => this.kick());
    devices.rotated.listen(() => this.kick());
    ledger.committed.listen((news) => {
      if (news.released.size > 0) {
        builder.wake();
        plans.wake();
      }
      if (news.queues.size > 0 || news.devices.size > 0) this.kick();
    });
  }

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => this.kick(), tickMs);
    this.#timer.unref();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  /** Something may be able to start. */
  kick(): void {
    this.#again = true;
    if (this.#running || this.#stopped) return;
    this.#running = this.#loop()
      .catch((error: unknown) => this.#log.error({ err: error }, 'dispatching failed'))
      .finally(() => {
        this.#running = undefined;
        if (this.#again) this.kick();
      });
  }

  /** Resolves when nothing more can start now. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #loop(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      // A look without the write lock: most kicks find nothing.
      if ((await this.#choose(this.database.reader.manager)).length > 0) await this.#grant();
    }
  }

  #grant(): Promise<void> {
    return this.ledger.write('dispatch', async (entry) => {
      const { manager } = entry;
      for (const head of await this.#choose(manager)) {
        const run = await entry.run(head.runId);
        const device = await manager.findOneBy(DeviceEntity, {
          id: head.deviceId,
          state: 'available',
          currentRunId: IsNull(),
        });
        if (run?.state !== 'queued' || !device) continue;
        const model = await manager.findOneByOrFail(ModelEntity, { id: run.modelId });
        const variant = await manager.findOneByOrFail(VariantEntity, { id: run.variantId });
        await entry.grant(run, device, (fence, attempt) => startMessage(run, device, model, variant, fence, attempt));
        this.metrics.queueSeconds.observe(Math.max(0, Date.parse(entry.at) - Date.parse(run.queuedAt)) / 1000);
      }
    });
  }

  #ready(agentId: string): boolean {
    if (!this.link.connected(agentId)) return false;
    const address = this.link.address(agentId);
    return !(this.builder.busy || this.plans.busy) || address === undefined || !isHere(address);
  }

  async #choose(manager: EntityManager): Promise<DispatchHead[]> {
    const holds = (deviceIds: readonly string[]) => this.leases.holds(manager, deviceIds);
    const heads = (await queueHeads(manager, holds, this.now())).filter((head) => this.#ready(head.agentId));
    if (heads.length === 0) return [];
    const limited = [...new Set(heads.filter((head) => head.parallel !== null).map((head) => head.jobId))];
    const held = new Map<string, number>();
    if (limited.length > 0) {
      const counts = await manager
        .createQueryBuilder(RunEntity, 'run')
        .select('run.jobId', 'jobId')
        .addSelect('COUNT(*)', 'n')
        .where({ jobId: In(limited), state: In(['claimed', 'preparing', 'running', 'reporting']) })
        .groupBy('run.jobId')
        .getRawMany<{ jobId: string; n: number | string }>();
      for (const { jobId, n } of counts) held.set(jobId, Number(n));
    }
    const busy = await manager
      .createQueryBuilder(DeviceEntity, 'device')
      .select('device.agentId', 'agentId')
      .addSelect('device.emulated', 'emulated')
      .where('device.currentRunId IS NOT NULL')
      .andWhere({ agentId: In([...new Set(heads.map((head) => head.agentId))]) })
      .getRawMany<{ agentId: string; emulated: unknown }>();
    return chooseRuns(
      heads,
      held,
      busy.map(({ agentId, emulated }) => ({ agentId, emulated: Boolean(emulated) })),
    );
  }
}
