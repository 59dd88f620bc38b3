import {
  finalStates,
  isHeld,
  type Job,
  maxAttempts,
  type RunError,
  type RunStart,
  type RunState,
} from '@hilltop/contracts';
import { type EntityManager, In } from 'typeorm';
import { DeviceEntity } from '../devices/device.entity.js';
import { unplugged } from '../devices/unplugged.js';
import { newId } from '../ids.js';
import { AttemptEntity, type AttemptState } from './attempt.entity.js';
import { OutboxEntity } from './outbox.entity.js';
import { RunEntity } from './run.entity.js';
import { transition, transitions } from './transition.js';

const sinceMs = (from: string, to: string): number => Math.max(0, Date.parse(to) - Date.parse(from));

/** A run that an agent holds, as screens are told of it. */
export interface HeldRun {
  readonly runId: string;
  readonly jobId: string;
  readonly deviceId: string;
  readonly agentId: string;
  readonly modelId: string;
  readonly recipe: string;
}

export const heldRun = (run: RunEntity, agentId: string): HeldRun => ({
  runId: run.id,
  jobId: run.jobId,
  deviceId: run.deviceId,
  agentId,
  modelId: run.modelId,
  recipe: run.recipe,
});

/** What the outside of a transaction must hear once it is committed. */
export interface LedgerNews {
  readonly runs: Set<string>;
  readonly jobs: Set<string>;
  readonly devices: Set<string>;
  /** Devices whose queue has changed. */
  readonly queues: Set<string>;
  /** Agents for which there is something in the outbox. */
  readonly agents: Set<string>;
  readonly held: Array<HeldRun & { fence: number }>;
  readonly released: Set<string>;
  readonly reporting: Set<string>;
  readonly transitions: RunState[];
}

/**
 * Every change of a run within one transaction: run, attempt and device always move together, by the table of the
 * contract. Nothing else writes these three.
 */
export class LedgerEntry {
  readonly news: LedgerNews = {
    runs: new Set(),
    jobs: new Set(),
    devices: new Set(),
    queues: new Set(),
    agents: new Set(),
    held: [],
    released: new Set(),
    reporting: new Set(),
    transitions: [],
  };

  constructor(
    readonly manager: EntityManager,
    readonly at: string,
    private readonly online: (agentId: string) => boolean,
  ) {}

  run(runId: string): Promise<RunEntity | null> {
    return this.manager.findOneBy(RunEntity, { id: runId });
  }

  /** The attempt that counts now. */
  current(run: RunEntity): Promise<AttemptEntity | null> {
    return this.manager.findOneBy(AttemptEntity, { runId: run.id, n: run.attempt });
  }

  /** A claim: next fence of the device, a new attempt, and the message that starts it. */
  async grant(
    run: RunEntity,
    device: DeviceEntity,
    start: (fence: number, attempt: number) => RunStart,
  ): Promise<number> {
    const fence = device.fence + 1;
    const n = run.attempt + 1;
    const before = run.attempt > 0 ? await this.current(run) : null;
    const waitedMs = (run.waitedMs ?? 0) + sinceMs(before?.endedAt ?? run.queuedAt, this.at);
    const change = { attempt: n, fence, claimedAt: this.at, startedAt: null, environment: null, waitedMs };
    await this.#move(run, ['claimed'], change);
    await this.#take(device.id, run.id, fence);
    await this.manager.insert(AttemptEntity, {
      runId: run.id,
      n,
      deviceId: device.id,
      agentId: device.agentId,
      fence,
      state: 'claimed',
      batches: 0,
      claimedAt: this.at,
    });
    await this.tell(device.agentId, run.id, 'down/run.start', start(fence, n));
    this.news.held.push({ ...heldRun(run, device.agentId), fence });
    this.news.queues.add(device.id);
    return fence;
  }

  /** One step on by the agent: preparing, running. */
  async advance(
    run: RunEntity,
    attempt: AttemptEntity,
    to: 'preparing' | 'running',
    change: Partial<RunEntity> = {},
  ): Promise<void> {
    await this.#move(run, [to], change);
    await this.#attempt(attempt, to, {
      ...(to === 'running' && { startedAt: this.at, environment: run.environment, floor: run.floor }),
    });
  }

  /** The agent has done its part; the summary follows. */
  async report(run: RunEntity, attempt: AttemptEntity, transferBytes: number): Promise<void> {
    await this.#move(run, run.state === 'running' ? ['reporting'] : ['running', 'reporting'], { transferBytes });
    await this.#attempt(attempt, 'reporting', { transferBytes });
    this.#let(run.id);
    this.news.reporting.add(run.id);
  }

  /** The end. The device is free again. */
  async finish(
    run: RunEntity,
    attempt: AttemptEntity | null,
    to: (typeof finalStates)[number],
    change: Partial<RunEntity> = {},
  ): Promise<void> {
    if (run.state === 'queued') this.news.queues.add(run.deviceId);
    await this.#move(run, [to], { ...change, endedAt: this.at });
    if (attempt && isHeld(attempt.state as RunState))
      await this.#attempt(attempt, to, { endedAt: this.at, error: change.error ?? null });
    await this.#release(run);
  }

  /**
   * A disturbed run stays as it is, and is tried once more behind what waits, unless the protocol's repetitions are used up or its job is to stop. Before the
   * run's own end, so that its job does not end with it.
   */
  async repeat(run: RunEntity): Promise<void> {
    const most = run.protocol.repeats ?? 0;
    let before: RunEntity | null = run;
    let times = 0;
    while (times < most && before !== null && before.repeatOf !== null) {
      times++;
      before = await this.manager.findOneBy(RunEntity, { id: before.repeatOf });
    }
    if (times >= most || run.cancelReason !== null) return;
    const position = Number((await this.manager.maximum(RunEntity, 'position')) ?? 0) + 1;
    const { jobId, modelId, variantId, recipe, deviceId, protocol, settings, artifactSha256, artifactBytes } = run;
    const { evaluationSha256 } = run;
    const id = newId('run');
    await this.manager.insert(RunEntity, {
      ...{
        id,
        position,
        jobId,
        modelId,
        variantId,
        recipe,
        deviceId,
        protocol,
        settings,
        artifactSha256,
        artifactBytes,
      },
      evaluationSha256,
      state: 'queued',
      attempt: 0,
      metrics: {},
      queuedAt: this.at,
      repeatOf: run.id,
    });
    this.news.runs.add(id);
    this.news.jobs.add(jobId);
    this.news.queues.add(deviceId);
  }

  /** The attempt is lost. The run waits for the next one, unless it was to stop or there were too many. */
  async lose(run: RunEntity, attempt: AttemptEntity, error: RunError): Promise<void> {
    const next = run.cancelReason !== null ? 'cancelled' : run.attempt >= maxAttempts ? 'failed' : 'queued';
    const final = next !== 'queued';
    await this.#move(run, ['lost', next], {
      ...(next !== 'cancelled' && {
        error: final ? { ...error, message: `${error.message} (attempt ${run.attempt} of ${maxAttempts})` } : error,
      }),
      ...(final && { endedAt: this.at }),
    });
    await this.#attempt(attempt, error.code === 'run.lost' ? 'lost' : 'failed', { endedAt: this.at, error });
    await this.#release(run);
    this.news.queues.add(run.deviceId);
  }

  /** A lost attempt that turns out to be alive counts again, as long as no newer one was granted. */
  async adopt(run: RunEntity, attempt: AttemptEntity): Promise<void> {
    // One that has not started will still say with what environment it does.
    const started = attempt.startedAt !== null;
    const change = { fence: attempt.fence, attempt: attempt.n, error: null };
    await this.#move(run, started ? ['claimed', 'running'] : ['claimed'], change);
    await this.#attempt(attempt, started ? 'running' : 'claimed', { endedAt: null, error: null });
    await this.#take(run.deviceId, run.id);
    this.news.held.push({ ...heldRun(run, attempt.agentId), fence: attempt.fence });
    this.news.queues.add(run.deviceId);
  }

  /** An attempt that was granted but has not started gives way to an older one whose result is complete. */
  async withdraw(run: RunEntity, newer: AttemptEntity, reason: string): Promise<void> {
    await this.#move(run, ['lost', 'queued'], {});
    await this.#attempt(newer, 'cancelled', {
      endedAt: this.at,
      error: { code: 'run.cancelled', message: reason, cause: 'infrastructure' },
    });
    await this.#release(run);
    await this.tell(newer.agentId, run.id, 'down/run.cancel', { runId: run.id, fence: newer.fence, reason });
  }

  /** Stored for the record; the run goes another way. */
  async supersede(attempt: AttemptEntity): Promise<void> {
    await this.#attempt(attempt, 'superseded', { endedAt: this.at });
  }

  /** A run that waits is cancelled; one that is held is told to stop and ends when its agent says so. */
  async cancel(run: RunEntity, error: NonNullable<Job['error']>): Promise<void> {
    if (run.state === 'queued') {
      await this.finish(run, null, 'cancelled', {
        error: { code: error.code, message: error.message, cause: error.cause ?? 'user' },
      });
      return;
    }
    if (!isHeld(run.state) || run.state === 'reporting' || run.cancelReason !== null) return;
    const attempt = await this.current(run);
    const reason = error.message.slice(0, 200);
    await this.manager.update(RunEntity, { id: run.id }, { cancelReason: reason });
    run.cancelReason = reason;
    this.news.runs.add(run.id);
    if (attempt)
      await this.tell(attempt.agentId, run.id, 'down/run.cancel', { runId: run.id, fence: attempt.fence, reason });
  }

  /** Leaves a message for an agent, to be sent after the commit. */
  async tell(
    agentId: string,
    runId: string,
    channel: OutboxEntity['channel'],
    payload: OutboxEntity['payload'],
  ): Promise<void> {
    await this.manager.insert(OutboxEntity, { agentId, runId, channel, payload, createdAt: this.at });
    this.news.agents.add(agentId);
  }

  /** New queue lengths of the devices concerned; once, at the end of the transaction. */
  async recount(): Promise<void> {
    const devices = [...this.news.queues];
    if (devices.length === 0) return;
    const waiting = this.manager
      .createQueryBuilder(RunEntity, 'run')
      .select('run.deviceId', 'deviceId')
      .addSelect('COUNT(*)', 'n')
      .where({ deviceId: In(devices), state: 'queued' })
      .groupBy('run.deviceId');
    const counts = new Map(
      (await waiting.getRawMany<{ deviceId: string; n: number | string }>()).map((row) => [
        row.deviceId,
        Number(row.n),
      ]),
    );
    for (const id of devices) await this.manager.update(DeviceEntity, { id }, { queued: counts.get(id) ?? 0 });
    for (const id of devices) this.news.devices.add(id);
  }

  async #move(run: RunEntity, steps: readonly RunState[], change: Partial<RunEntity>): Promise<void> {
    const state = steps.length === 1 ? transition(run.state, steps[0]!) : transitions(run.state, ...steps);
    Object.assign(run, change, { state });
    const { id } = run;
    await this.manager.update(RunEntity, { id }, { ...change, state });
    this.news.runs.add(id);
    this.news.jobs.add(run.jobId);
    this.news.transitions.push(...steps);
  }

  async #attempt(attempt: AttemptEntity, state: AttemptState, change: Partial<AttemptEntity> = {}): Promise<void> {
    Object.assign(attempt, change, { state });
    await this.manager.update(AttemptEntity, { runId: attempt.runId, n: attempt.n }, { ...change, state });
  }

  async #take(deviceId: string, runId: string, fence?: number): Promise<void> {
    await this.manager.update(
      DeviceEntity,
      { id: deviceId },
      { state: 'busy', stateReason: null, currentRunId: runId, ...(fence !== undefined && { fence }) },
    );
    this.news.devices.add(deviceId);
  }

  /** Its agent does not hold it any more, even if it took it up in this very transaction. */
  #let(runId: string): void {
    this.news.released.add(runId);
    const at = this.news.held.findIndex((held) => held.runId === runId);
    if (at >= 0) this.news.held.splice(at, 1);
  }

  async #release(run: RunEntity): Promise<void> {
    this.#let(run.id);
    await this.manager.delete(OutboxEntity, { runId: run.id, channel: 'down/run.start' });
    const device = await this.manager.findOneBy(DeviceEntity, { id: run.deviceId, currentRunId: run.id });
    if (!device) return;
    const free = this.online(device.agentId)
      ? { state: 'available' as const, stateReason: null }
      : { state: 'offline' as const, stateReason: 'its agent is away' };
    await this.manager.update(
      DeviceEntity,
      { id: device.id },
      { currentRunId: null, ...(device.state !== 'unhealthy' && device.stateReason !== unplugged && free) },
    );
    this.news.devices.add(device.id);
  }
}
