import { type Hello, LabError, type Labels, type Welcome, wireProtocol } from '@hilltop/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { type EntityManager, In, Not } from 'typeorm';
import { AgentService } from '../agents/agent.service.js';
import { DeviceEntity } from '../devices/device.entity.js';
import { DeviceService } from '../devices/device.service.js';
import { Presence } from '../devices/presence.js';
import { unplugged } from '../devices/unplugged.js';
import { LabIdentity } from '../lab/lab-identity.js';
import { AgentLink } from '../links/agent-link.js';
import { LOG, type Log } from '../log.js';
import { ModelEntity } from '../models/model.entity.js';
import { VariantEntity } from '../variants/variant.entity.js';
import { AttemptEntity } from './attempt.entity.js';
import { ClaimClock } from './claim-clock.js';
import { Dispatcher } from './dispatcher.js';
import { Inbox } from './inbox.js';
import { type LedgerEntry } from './ledger-entry.js';
import { OutboxEntity } from './outbox.entity.js';
import { Outbox } from './outbox.js';
import { type KnownAttempt, type Reconciliation, reconcile } from './reconcile.js';
import { RunEntity } from './run.entity.js';
import { RunLedger } from './run-ledger.js';
import { startMessage } from './start-message.js';

/** An agent of another protocol should not knock more often. */
const versionRetryMs = 600_000;

/** Agents arriving: hello, reconciliation, welcome. The same for the first time and after every cut. */
@Injectable()
export class AgentSession {
  readonly #log: Log;

  constructor(
    private readonly agents: AgentService,
    private readonly devices: DeviceService,
    private readonly presence: Presence,
    private readonly identity: LabIdentity,
    private readonly link: AgentLink,
    private readonly ledger: RunLedger,
    private readonly inbox: Inbox,
    private readonly outbox: Outbox,
    private readonly claims: ClaimClock,
    private readonly dispatcher: Dispatcher,
    @Inject(LOG) log: Log,
  ) {
    this.#log = log.child({ part: 'agent-session' });
    devices.retired.listen(({ agentId }) => {
      this.#dismiss(agentId).catch((error: unknown) => this.#log.error({ agentId, err: error }, 'key not revoked'));
    });
  }

  /** An agent without devices has nothing to do here: its key ends with the last of them. */
  async #dismiss(agentId: string): Promise<void> {
    if (!(await this.devices.serves(agentId))) await this.agents.revoke(agentId);
  }

  /** Answers whether the agent is welcome. */
  async hello(agentId: string, hello: Hello): Promise<boolean> {
    const refusal = await this.#refusal(agentId, hello);
    if (refusal) {
      this.#log.warn({ agentId, code: refusal.code }, 'agent refused');
      await this.link.send(agentId, 'down/refused', {
        code: refusal.code,
        message: refusal.message,
        ...(refusal.code === 'wire.version' && { retryAfterMs: versionRetryMs }),
      });
      return false;
    }
    this.outbox.close(agentId);
    await this.inbox.idle(agentId);
    // Before the transaction: what it frees is available again.
    this.presence.arrived(agentId);
    const labels = await this.agents.labels(agentId);
    const welcome = await this.ledger.write('hello', (entry) => this.#welcome(entry, agentId, hello, labels));
    for (const { runId, fence } of welcome.continue) this.claims.renew(runId, agentId, fence);
    await this.link.send(agentId, 'down/welcome', welcome);
    this.outbox.open(agentId);
    this.dispatcher.kick();
    await this.agents.markSeen(agentId, hello.version);
    this.#log.info(
      {
        agentId,
        version: hello.version,
        devices: welcome.devices.length,
        continue: welcome.continue.length,
        abort: welcome.abort.length,
      },
      'agent welcome',
    );
    return true;
  }

  async #refusal(agentId: string, hello: Hello): Promise<LabError | undefined> {
    if (!(await this.agents.isActive(agentId)))
      return new LabError('auth.revoked', 'this agent was removed from the lab; enrol it again with a new join token');
    if (hello.protocol.max < wireProtocol.min || hello.protocol.min > wireProtocol.max) {
      return new LabError(
        'wire.version',
        `the lab speaks protocol ${wireProtocol.min} to ${wireProtocol.max}; install the agent from the lab: npm install -g <lab>/agent.tgz`,
      );
    }
    return undefined;
  }

  async #welcome(entry: LedgerEntry, agentId: string, hello: Hello, labels: Labels): Promise<Welcome> {
    const { manager } = entry;
    const rows = await this.devices.report(
      manager,
      { id: agentId, version: hello.version, labels },
      hello.devices,
      entry.at,
    );
    const known = await this.inbox.nextSeq(manager, agentId, hello.journalId);
    const nextSeq = Math.max(known, hello.firstSeq);
    if (nextSeq > known) {
      // The agent has thrown away what we never had: runs that miss it will say so when they end.
      if (known > 1)
        this.#log.error({ code: 'journal.gap', agentId, from: known, to: nextSeq }, 'records are lost for good');
      await this.inbox.moveTo(manager, agentId, hello.journalId, nextSeq);
    }
    const plan = reconcile(
      hello,
      nextSeq,
      await heldBy(manager, agentId),
      await adoptableFrom(manager, agentId, hello.running),
    );
    await this.#carryOut(entry, agentId, plan);
    await this.#settleDevices(entry, agentId, rows, hello);
    const fences = new Map((await manager.findBy(DeviceEntity, { agentId })).map((row) => [row.key, row]));
    return {
      bootId: hello.bootId,
      epoch: this.identity.epoch,
      journalId: hello.journalId,
      nextSeq,
      continue: plan.continue,
      abort: plan.abort,
      devices: rows.map((row) => ({ key: row.key, deviceId: row.id, fence: fences.get(row.key)?.fence ?? row.fence })),
      patches: true,
    };
  }

  async #carryOut(entry: LedgerEntry, agentId: string, plan: Reconciliation): Promise<void> {
    for (const { runId, fence } of plan.adopt) await this.adopt(entry, agentId, runId, fence);
    for (const { runId, fence } of plan.interrupted) {
      const [run, attempt] = [await entry.run(runId), await entry.manager.findOneBy(AttemptEntity, { runId, fence })];
      if (run && attempt)
        await entry.lose(run, attempt, {
          code: 'run.interrupted',
          message: 'the agent does not work on it any more',
          cause: 'infrastructure',
        });
    }
    for (const { runId, fence, deviceId, cancelReason } of plan.resend) {
      const [run, attempt] = [await entry.run(runId), await entry.manager.findOneBy(AttemptEntity, { runId, fence })];
      const device = await entry.manager.findOneBy(DeviceEntity, { id: deviceId });
      if (!run || !attempt || !device) continue;
      await entry.manager.delete(OutboxEntity, { runId });
      if (cancelReason !== null) {
        await entry.finish(run, attempt, 'cancelled', {
          error: { code: 'run.cancelled', message: cancelReason, cause: 'user' },
        });
        continue;
      }
      const model = await entry.manager.findOneByOrFail(ModelEntity, { id: run.modelId });
      const variant = await entry.manager.findOneByOrFail(VariantEntity, { id: run.variantId });
      await entry.tell(agentId, runId, 'down/run.start', startMessage(run, device, model, variant, fence, attempt.n));
    }
  }

  /** A lost attempt counts again when nothing took its place. Answers whether it does. */
  async adopt(entry: LedgerEntry, agentId: string, runId: string, fence: number): Promise<boolean> {
    const attempt = await entry.manager.findOneBy(AttemptEntity, { runId, fence, agentId, state: 'lost' });
    const run = attempt && (await entry.run(runId));
    const device = run && (await entry.manager.findOneBy(DeviceEntity, { id: run.deviceId }));
    if (!attempt || run?.state !== 'queued' || run.attempt !== attempt.n || !device || device.currentRunId !== null)
      return false;
    await entry.adopt(run, attempt);
    return true;
  }

  /** Devices the agent reports are available unless they measure or are sick; those it no longer reports are away. */
  async #settleDevices(
    entry: LedgerEntry,
    agentId: string,
    rows: readonly DeviceEntity[],
    hello: Hello,
  ): Promise<void> {
    for (const row of await entry.manager.findBy(DeviceEntity, { agentId, state: Not('retired') })) {
      const reported = rows.some((r) => r.id === row.id);
      const health = hello.devices.find((device) => device.key === row.key)?.health;
      // After a restore an agent may know higher fences than the database; they must never be used twice.
      const fence = Math.max(row.fence, hello.maxFence[row.id] ?? 0);
      const state = !reported
        ? 'offline'
        : (health?.state ?? (row.currentRunId !== null ? ('busy' as const) : ('available' as const)));
      const away = row.kind === 'microcontroller' ? unplugged : 'its agent does not see it any more';
      await entry.manager.update(
        DeviceEntity,
        { id: row.id },
        { state, fence, stateReason: reported ? (health?.reason ?? null) : away, lastSeenAt: entry.at },
      );
      entry.news.devices.add(row.id);
    }
  }
}

async function heldBy(manager: EntityManager, agentId: string): Promise<KnownAttempt[]> {
  const attempts = await manager.findBy(AttemptEntity, {
    agentId,
    state: In(['claimed', 'preparing', 'running', 'reporting']),
  });
  return known(manager, attempts);
}

/** Lost attempts that the agent says it works on, whose run still waits for the next attempt. */
async function adoptableFrom(
  manager: EntityManager,
  agentId: string,
  running: Hello['running'],
): Promise<KnownAttempt[]> {
  if (running.length === 0) return [];
  const attempts = await manager.findBy(AttemptEntity, {
    agentId,
    state: 'lost',
    runId: In(running.map((claim) => claim.runId)),
  });
  const runs = new Map(
    (await manager.findBy(RunEntity, { id: In(attempts.map((a) => a.runId)), state: 'queued' })).map((run) => [
      run.id,
      run,
    ]),
  );
  const devices = new Map((await manager.findBy(DeviceEntity, { agentId })).map((device) => [device.id, device]));
  return known(
    manager,
    attempts.filter((a) => runs.get(a.runId)?.attempt === a.n && devices.get(a.deviceId)?.currentRunId === null),
  );
}

async function known(manager: EntityManager, attempts: readonly AttemptEntity[]): Promise<KnownAttempt[]> {
  const runs = await manager.findBy(RunEntity, { id: In(attempts.map((attempt) => attempt.runId)) });
  const reasons = new Map(runs.map((run) => [run.id, run.cancelReason]));
  return attempts.map(({ runId, fence, deviceId, state }) => ({
    runId,
    fence,
    deviceId,
    state,
    cancelReason: reasons.get(runId) ?? null,
  }));
}
