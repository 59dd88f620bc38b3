import { canaryVersion } from '@hilltop/compression';
import {
  type Device,
  type DeviceChange,
  type DeviceHealth,
  type HealthCheck,
  isFinal,
  type QuarantineCreate,
  type RunError,
} from '@hilltop/contracts';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { type EntityManager, In, IsNull, MoreThan, Not } from 'typeorm';
import type { Actor } from '../access/actor.js';
import { DeviceEntity } from '../devices/device.entity.js';
import { DeviceService } from '../devices/device.service.js';
import { DeviceChangeEntity } from '../devices/device-change.entity.js';
import { newId } from '../ids.js';
import { Database } from '../links/database.js';
import { Signal } from '../links/signal.js';
import { LOG, type Log } from '../log.js';
import { AttemptEntity } from '../runs/attempt.entity.js';
import { RunEntity } from '../runs/run.entity.js';
import { RunLedger } from '../runs/run-ledger.js';
import { CanaryEntity } from './canary.entity.js';
import { CanaryJobs } from './canary-jobs.js';
import { canaryView } from './canary-view.js';
import { failuresInARow, judgeCheck, mayReturn, medianOf, pastChecks, quarantineReason } from './health-rules.js';

/** A device that the lab took out is looked at again so often. */
const recheckMs = 10 * 60_000;
/** Checks that the rules look back over: enough clean ones for a median. */
const lookBack = 3 * pastChecks;
/** Checks that are shown. */
const shown = 30;
const shownChanges = 50;
const triesLookedAt = 20;
const gone = { state: 'cancelled' as const, error: null, metrics: {}, verdict: null };

/** The lab itself, when it asks for a check; `owner`: whose work waits for it, so that it may start on a device they hold. */
const lab = (owner = 'lab'): Actor => ({ tokenId: owner, role: 'operator', name: 'health check' });

/** Health checks and their history; takes devices out of rotation on evidence and puts them back. */
@Injectable()
export class CanaryService implements OnApplicationBootstrap, OnApplicationShutdown {
  /** A check found something out; its transaction is committed. */
  readonly checked = new Signal<{ deviceId: string; healthy: boolean }>();
  readonly #log: Log;
  /** Job of each check that has not ended -> its id. */
  readonly #open = new Map<string, string>();
  #work: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly ledger: RunLedger,
    private readonly devices: DeviceService,
    private readonly jobs: CanaryJobs,
    @Inject(LOG) log: Log,
  ) {
    this.#log = log.child({ part: 'canaries' });
  }

  async onApplicationBootstrap(): Promise<void> {
    const open = await this.#repository.findBy({ state: 'waiting' });
    for (const { jobId, id } of open) this.#open.set(jobId, id);
    this.ledger.committed.listen((news) => {
      for (const jobId of news.jobs) if (this.#open.has(jobId)) this.#later(() => this.#settle(jobId));
      if (news.transitions.includes('failed') || news.transitions.includes('lost'))
        for (const deviceId of news.devices) this.#later(() => this.#decide(deviceId));
    });
    for (const { jobId } of open) this.#later(() => this.#settle(jobId));
    this.#timer = setInterval(() => this.#later(() => this.recheck()), recheckMs);
    this.#timer.unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.settled();
  }

  /** Resolves when everything that was heard has been acted on. */
  async settled(): Promise<void> {
    for (let work: unknown; work !== this.#work; ) {
      work = this.#work;
      await this.#work;
    }
  }

  /** Submits a check, or answers with the one that is under way. `actor`: the person, or whose work waits. Throws `device.unknown`. */
  async check(device: string, actor: Actor | { readonly owner?: string } = {}): Promise<HealthCheck> {
    const { id: deviceId } = await this.devices.find(device);
    const asked = 'tokenId' in actor ? actor : undefined;
    const by = asked ?? lab('owner' in actor ? actor.owner : undefined);
    await this.jobs.prepare(lab());
    const row = await this.database.write(
      async (manager) => {
        const waiting = await manager.findOneBy(CanaryEntity, { deviceId, state: 'waiting' });
        if (waiting) return waiting;
        const check = manager.create(CanaryEntity, {
          ...{ id: newId('chk'), deviceId, jobId: await this.jobs.submit(by, deviceId), version: canaryVersion },
          ...{ state: 'waiting' as const, latencyMs: null, medianMs: null, healthy: null, verdict: null, error: null },
          ...{ askedBy: asked?.name ?? null, createdAt: new Date().toISOString(), endedAt: null },
        });
        await manager.insert(CanaryEntity, check);
        this.database.afterCommit(() => {
          this.#open.set(check.jobId, check.id);
          // What cannot run at all has failed in the very transaction that made it.
          this.#later(() => this.#settle(check.jobId));
        });
        return check;
      },
      { label: 'canary.submit' },
    );
    return canaryView(row);
  }

  /** Throws `device.unknown`. */
  async health(device: string): Promise<DeviceHealth> {
    const row = await this.devices.find(device);
    const { manager } = this.database.reader;
    const checks = await checksOf(manager, row);
    const medianMs = medianOf(checks);
    return {
      deviceId: row.id,
      deviceName: row.name,
      ...(row.quarantine !== null && { quarantine: row.quarantine }),
      ...(medianMs !== undefined && { medianMs }),
      failuresInARow: failuresInARow(await triesOf(manager, row)),
      checks: await this.#shown(row.id),
      changes: await changesOf(manager, row.id),
    };
  }

  /** The newest checks of a device, newest first; also those that count no more. */
  history(deviceId: string, take = shown): Promise<CanaryEntity[]> {
    return this.#repository.find({ where: { deviceId }, order: { createdAt: 'DESC', id: 'DESC' }, take });
  }

  async #shown(deviceId: string): Promise<HealthCheck[]> {
    const rows = await this.history(deviceId);
    const runs = await this.database.reader.getRepository(RunEntity).find({
      select: { id: true, jobId: true, position: true },
      where: { jobId: In(rows.map(({ jobId }) => jobId)) },
      order: { position: 'ASC' },
    });
    const runOf = new Map(runs.map(({ jobId, id }) => [jobId, id]));
    return rows.map((row) => ({
      ...canaryView(row),
      ...(runOf.has(row.jobId) && { runId: runOf.get(row.jobId)! }),
    }));
  }

  /** By hand. Throws `device.unknown`. */
  async quarantine(actor: Actor, device: string, { reason, kind }: QuarantineCreate): Promise<Device> {
    const { id } = await this.devices.find(device);
    await this.devices.rotate(id, {
      ...{ reason, since: new Date().toISOString(), by: actor.name },
      ...(kind && { kind }),
    });
    this.#log.info({ deviceId: id, by: actor.name, reason }, 'device quarantined');
    return this.devices.view(await this.devices.find(id));
  }

  /** By hand: what was before is no evidence any more. Throws `device.unknown`. */
  async putBack(actor: Actor, device: string): Promise<Device> {
    const { id } = await this.devices.find(device);
    await this.devices.rotate(id, null, new Date().toISOString());
    this.#log.info({ deviceId: id, by: actor.name }, 'device returned');
    return this.devices.view(await this.devices.find(id));
  }

  /** Looks again at what the lab itself took out. */
  async recheck(): Promise<void> {
    const out = await this.database.reader
      .getRepository(DeviceEntity)
      .findBy({ quarantine: Not(IsNull()), state: 'available' });
    for (const { id, quarantine } of out) if (quarantine && quarantine.by === undefined) await this.check(id);
  }

  /** A check's run may have ended. */
  async #settle(jobId: string): Promise<void> {
    const id = this.#open.get(jobId);
    if (id === undefined) return;
    const { manager } = this.database.reader;
    const run = await manager.findOne(RunEntity, { where: { jobId }, order: { position: 'DESC' } });
    if (run && !isFinal(run.state)) return;
    this.#open.delete(jobId);
    // Its model was removed, and its runs with it.
    const ended: Pick<RunEntity, 'state' | 'error' | 'metrics' | 'verdict'> = run ?? gone;
    const after = await this.database.write(
      async (write) => {
        const check = await write.findOneBy(CanaryEntity, { id, state: 'waiting' });
        const device = check && (await write.findOneBy(DeviceEntity, { id: check.deviceId }));
        if (!check || !device) return undefined;
        const latencyMs = ended.metrics.latency_p50_ms?.value ?? null;
        const past = (await checksOf(write, device)).filter((one) => one.id !== id);
        const judged = judgeCheck({ state: ended.state, error: ended.error, latencyMs }, past);
        const change = {
          ...judged,
          ...{ latencyMs, verdict: ended.verdict?.verdict ?? null, error: ended.error },
          endedAt: new Date().toISOString(),
        };
        await write.update(CanaryEntity, { id }, change);
        if (change.healthy !== null) {
          const lastCheck = { healthy: change.healthy, at: change.endedAt, jobId };
          await write.update(DeviceEntity, { id: check.deviceId }, { lastCheck });
          this.devices.changed(check.deviceId);
        }
        return { check: { ...check, ...change }, device };
      },
      { label: 'canary.settled' },
    );
    if (!after) return;
    const { check, device } = after;
    if (check.healthy === null) return;
    const rotated = await this.#decide(device.id);
    // One bad check is no evidence: the next one decides.
    if (!check.healthy && rotated === 'stays' && device.quarantine === null) await this.check(device.id);
    this.checked.emit({ deviceId: device.id, healthy: check.healthy });
  }

  /** Takes a device out, or back, where that is due. Looks before it asks for the write lock: most failures change nothing. */
  async #decide(deviceId: string): Promise<Due['what']> {
    const look = await due(this.database.reader.manager, deviceId);
    if (look.what !== 'stays') {
      return this.database.write(
        async (manager) => {
          const { what, reason } = await due(manager, deviceId);
          if (what === 'stays') return what;
          await this.devices.rotate(deviceId, what === 'out' ? { reason, since: new Date().toISOString() } : null);
          this.database.afterCommit(() => {
            if (what === 'out') this.#later(() => this.recheck());
            if (what === 'out') this.#log.warn({ deviceId, reason }, 'device quarantined');
            else this.#log.info({ deviceId }, 'device returned after clean checks');
          });
          return what;
        },
        { label: 'device.health' },
      );
    }
    // A first clean check of one that the lab took out: the second follows at once.
    if (look.again) this.#later(() => this.recheck());
    return 'stays';
  }

  /** One after the other: what one decides the next one sees. */
  #later(work: () => Promise<unknown>): void {
    this.#work = this.#work
      .then(work)
      .catch((error: unknown) => this.#log.error({ err: error }, 'a health check was not acted on'));
  }

  get #repository() {
    return this.database.reader.getRepository(CanaryEntity);
  }
}

interface Due {
  readonly what: 'out' | 'back' | 'stays';
  readonly reason: string;
  /** It is out, and its newest check was clean. */
  readonly again: boolean;
}

/** Evidence against evidence. Who was taken out by a person is put back by a person. */
async function due(manager: EntityManager, deviceId: string): Promise<Due> {
  const device = await manager.findOneBy(DeviceEntity, { id: deviceId, state: Not('retired') });
  const stays: Due = { what: 'stays', reason: '', again: false };
  if (!device) return stays;
  const checks = await checksOf(manager, device);
  if (device.quarantine === null) {
    const reason = quarantineReason(checks, failuresInARow(await triesOf(manager, device)));
    return reason === undefined ? stays : { what: 'out', reason, again: false };
  }
  const { since, by } = device.quarantine;
  if (by !== undefined) return stays;
  if (mayReturn(checks.filter(({ createdAt }) => createdAt >= since))) return { ...stays, what: 'back' };
  return { ...stays, again: checks[0]?.healthy === true && checks[0].verdict === 'clean' };
}

/** Checks of a device that count, newest first. */
function checksOf(manager: EntityManager, device: DeviceEntity): Promise<CanaryEntity[]> {
  const { id: deviceId, healthySince } = device;
  return manager.find(CanaryEntity, {
    where: { deviceId, version: canaryVersion, ...(healthySince !== null && { createdAt: MoreThan(healthySince) }) },
    order: { createdAt: 'DESC', id: 'DESC' },
    take: lookBack,
  });
}

/** The last tries on a device that count, newest first. */
async function triesOf(
  manager: EntityManager,
  { id: deviceId, fence, healthySince }: DeviceEntity,
): Promise<Array<{ runId: string; state: string; error: RunError | null }>> {
  const attempts = await manager.find(AttemptEntity, {
    select: { runId: true, state: true, error: true, claimedAt: true },
    where: {
      deviceId,
      fence: MoreThan(fence - triesLookedAt),
      state: In(['succeeded', 'reporting', 'failed', 'lost']),
    },
    order: { fence: 'DESC' },
  });
  return healthySince === null ? attempts : attempts.filter(({ claimedAt }) => claimedAt > healthySince);
}

async function changesOf(manager: EntityManager, deviceId: string): Promise<DeviceChange[]> {
  const rows = await manager.find(DeviceChangeEntity, {
    where: { deviceId },
    order: { seq: 'DESC' },
    take: shownChanges,
  });
  return rows.map(({ at, state, reason, by }) => ({
    at,
    state,
    ...(reason !== null && { reason }),
    ...(by !== null && { by }),
  }));
}
