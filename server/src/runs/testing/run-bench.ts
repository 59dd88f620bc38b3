import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ChannelName,
  type ChannelPayload,
  type CompiledPlan,
  claimTtlMs,
  type Hello,
  type JournalEvent,
  parseTopic,
  type RunState,
} from '@hilltop/contracts';
import { Registry } from 'prom-client';
import { AccessService } from '../../access/access.service.js';
import { AgentEntity } from '../../agents/agent.entity.js';
import { AgentService } from '../../agents/agent.service.js';
import { CoolDowns } from '../../devices/cool-downs.js';
import { DeviceEntity } from '../../devices/device.entity.js';
import { DeviceService } from '../../devices/device.service.js';
import { Presence } from '../../devices/presence.js';
import { JobEntity } from '../../jobs/job.entity.js';
import { LabIdentity } from '../../lab/lab-identity.js';
import { LeaseBook } from '../../leases/lease-book.js';
import { AgentLink, shardOfAgent } from '../../links/agent-link.js';
import { BlobStore } from '../../links/blob-store.js';
import { channels } from '../../links/cbor.js';
import { Database } from '../../links/database.js';
import { InlinePool } from '../../links/testing/inline-pool.js';
import type { TransportEvents } from '../../links/transport.js';
import { LiveService } from '../../live/live.service.js';
import { createLog } from '../../log.js';
import { BlobReferences } from '../../models/blob-references.js';
import { ModelEntity } from '../../models/model.entity.js';
import { TokenService } from '../../tokens/token.service.js';
import type { CompilePlanInput } from '../../variants/compile-plan-task.js';
import { PlanMaker } from '../../variants/plan-maker.js';
import { VariantEntity } from '../../variants/variant.entity.js';
import { VariantBuilder } from '../../variants/variant-builder.js';
import { AgentDoor } from '../agent-door.js';
import { AgentPresence } from '../agent-presence.js';
import { AgentSession } from '../agent-session.js';
import { AttemptEntity } from '../attempt.entity.js';
import { BlobTransfer } from '../blob-transfer.js';
import { ClaimClock } from '../claim-clock.js';
import { ConsoleService } from '../console.service.js';
import { Dispatcher } from '../dispatcher.js';
import { HeartbeatPulse } from '../heartbeat-pulse.js';
import { Inbox } from '../inbox.js';
import { JobRunsService } from '../job-runs.service.js';
import { JournalApplier } from '../journal-applier.js';
import { ObservationStore } from '../observation-store.js';
import { observationsWork } from '../observations-task.js';
import { Outbox } from '../outbox.js';
import type { PatchMaker } from '../patch-maker.js';
import { RunEntity } from '../run.entity.js';
import { RunLedger } from '../run-ledger.js';
import { RunMetrics } from '../run-metrics.js';
import { RunProgress } from '../run-progress.js';
import { RunWaiting } from '../run-waiting.js';
import { helloOf } from './hello.js';
import { insertModel } from './insert-model.js';
import { type JobWishes, jobRow } from './job-row.js';
import { patientPatches } from './patient-patches.js';

/** A message that reached an agent. */
export type Said = { [C in ChannelName]: { channel: C; payload: ChannelPayload<C> } }[ChannelName];

/** Time between two looks at claims. */
const stepMs = 5_000;
const at = '2026-01-01T00:00:00.000Z';

/**
 * Everything of `runs` over a real database and the real wire codec; agents are whoever calls `say`. Time stands still
 * until `pass` is called.
 */
export class RunBench {
  /** What each agent was told, oldest first. */
  readonly heard = new Map<string, Said[]>();
  readonly #connected = new Set<string>();
  readonly #seq = new Map<string, number>();
  #nowMs = 0;
  #events!: TransportEvents;

  private constructor(
    private readonly folder: string,
    readonly database: Database,
    readonly blobs: BlobStore,
  ) {}

  /** What compiling a plan comes to. */
  compile: (input: CompilePlanInput) => Promise<CompiledPlan> = () => Promise.reject(new Error('no compiler here'));
  ledger!: RunLedger;
  consoles!: ConsoleService;
  plans!: PlanMaker;
  live!: LiveService;
  dispatcher!: Dispatcher;
  presence!: AgentPresence;
  jobRuns!: JobRunsService;
  observations!: ObservationStore;
  outbox!: Outbox;
  inbox!: Inbox;
  applier!: JournalApplier;
  transfer!: BlobTransfer;
  patches!: PatchMaker;
  devices!: DeviceService;
  metrics!: RunMetrics;
  link!: AgentLink;
  leases!: LeaseBook;
  waiting!: RunWaiting;

  /** `folder`: an earlier bench's, to start again on what it left. */
  static async start(folder = mkdtempSync(join(tmpdir(), 'hilltop-runs-'))): Promise<RunBench> {
    const log = createLog(process.env['HILLTOP_LOG'] ?? 'silent');
    const database = await Database.open(join(folder, 'hilltop.db'), log);
    const blobs = new BlobStore(folder);
    const bench = new RunBench(folder, database, blobs);
    const pool = new InlinePool({
      'compile-plan': (input: CompilePlanInput) => bench.compile(input),
      observations: observationsWork,
    });
    const identity = LabIdentity.load(folder);
    const link = new AgentLink(log, (events) => bench.#transport(events));
    const live = new LiveService(identity, log);
    const clock = (): number => bench.#nowMs;
    const presence = new Presence(clock);
    const claims = new ClaimClock(clock);
    const leases = new LeaseBook();
    const metrics = new RunMetrics(new Registry());
    const ledger = new RunLedger(database, presence, claims, live, metrics, log);
    const references = new BlobReferences(database, blobs);
    const coolDowns = new CoolDowns(live);
    const devices = new DeviceService(database, live, coolDowns);
    const builder = new VariantBuilder(database, blobs, pool, references, live, log, 0);
    const plans = new PlanMaker(database, blobs, pool, references, live, log);
    const progress = new RunProgress(live, link, coolDowns, ledger);
    const observations = new ObservationStore(blobs, database);
    const applier = new JournalApplier(references, metrics, log);
    const inbox = new Inbox(ledger, applier, observations, link, metrics, log);
    const outbox = new Outbox(database, link, ledger, log);
    const dispatcher = new Dispatcher(database, ledger, link, metrics, builder, plans, leases, devices, progress, log);
    const agents = new AgentService(
      database,
      link,
      new TokenService(database, new AccessService(database, log), identity),
      identity,
      log,
    );
    const session = new AgentSession(
      agents,
      devices,
      presence,
      identity,
      link,
      ledger,
      inbox,
      outbox,
      claims,
      dispatcher,
      log,
    );
    const agentPresence = new AgentPresence(database, presence, link, claims, ledger, session, outbox, metrics, log);
    const patches = patientPatches(blobs, progress, ledger, log);
    const transfer = new BlobTransfer(database, blobs, link, metrics, patches, log);
    const consoles = new ConsoleService(database, devices, observations, progress, live, pool, log);
    const pulse = new HeartbeatPulse(database, live);
    const door = new AgentDoor(link, session, agentPresence, presence, inbox, transfer, progress, consoles, pulse);
    const waiting = new RunWaiting(database, leases, coolDowns);
    const jobRuns = new JobRunsService(database, ledger, builder, plans, devices, waiting);
    Object.assign(bench, {
      ledger,
      dispatcher,
      presence: agentPresence,
      jobRuns,
      observations,
      outbox,
      inbox,
      transfer,
      patches,
      applier,
      devices,
      metrics,
      link,
      consoles,
      plans,
      live,
      leases,
      waiting,
    });
    await devices.onModuleInit();
    door.onModuleInit();
    await link.start();
    await jobRuns.onApplicationBootstrap();
    await agentPresence.onApplicationBootstrap();
    return bench;
  }

  /** Stops; the folder stays for another start. */
  async stop(): Promise<string> {
    this.presence.onApplicationShutdown();
    await this.patches.settled();
    await this.dispatcher.onApplicationShutdown();
    await this.outbox.onApplicationShutdown();
    await this.settled();
    await this.link.stop();
    await this.database.close();
    return this.folder;
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A model with ready variants; `building` leaves them to be settled later. */
  async model(recipes: readonly string[] = ['fp32'], state: 'ready' | 'queued' = 'ready'): Promise<void> {
    await this.database.write((manager) => insertModel(manager, recipes, state));
  }

  /** Enrols agents, each with one device of the same name, and lets them say hello. */
  async agents(...ids: readonly string[]): Promise<void> {
    await this.database.write((manager) =>
      manager.insert(
        AgentEntity,
        ids.map((id) => ({ id, name: id, publicKey: id, labels: {}, createdAt: at })),
      ),
    );
    for (const id of ids) await this.hello(id);
  }

  /** The agent connects and says hello. */
  async hello(agentId: string, more: Partial<Hello> = {}): Promise<void> {
    this.#connected.add(agentId);
    await this.say(agentId, 'up/hello', { ...helloOf(agentId), lastSeq: this.#seq.get(agentId) ?? 0, ...more });
  }

  cut(agentId: string): void {
    this.#connected.delete(agentId);
    this.#events.disconnect(agentId);
  }

  /** The agent says something; resolves when all that follows from it is done. */
  async say<C extends ChannelName>(agentId: string, channel: C, payload: ChannelPayload<C>): Promise<void> {
    this.#events.message(
      `hilltop/v1/${shardOfAgent(agentId)}/${agentId}/${channel}`,
      channels.encode(channel, payload),
    );
    await this.settled();
  }

  /** Appends to the agent's journal and sends it. */
  async journal(agentId: string, ...events: readonly JournalEvent[]): Promise<void> {
    let seq = this.#seq.get(agentId) ?? 0;
    const records = events.map((event) => ({ seq: ++seq, event }));
    this.#seq.set(agentId, seq);
    await this.say(agentId, 'up/journal', { journalId: `journal-${agentId}`, records });
  }

  /** Submits a job of the model. */
  async job(id: string, wish: JobWishes): Promise<void> {
    await this.submit(id, wish);
    await this.settled();
  }

  /** The same within a transaction. */
  submit(id: string, wish: JobWishes): Promise<void> {
    return this.database.write(async (manager) => {
      const model = await manager.findOneByOrFail(ModelEntity, { id: 'mod_00000001' });
      const all = await manager.find(VariantEntity, { order: { id: 'ASC' } });
      const variants = wish.recipes ? all.filter((v) => wish.recipes!.includes(v.recipeName)) : all;
      const devices = (await manager.find(DeviceEntity)).filter((d) => wish.devices.includes(d.name));
      const job = manager.create(JobEntity, {
        ...jobRow(wish),
        id,
        position: ((await manager.maximum(JobEntity, 'position')) ?? 0) + 1,
        modelId: model.id,
        modelName: model.name,
        recipes: variants.map((v) => v.recipeName),
      });
      await manager.insert(JobEntity, job);
      await this.jobRuns.create(manager, { job, model, variants, devices });
    });
  }

  /** Lets time pass; claims and presence are looked at now and then. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= stepMs) {
      this.#nowMs += Math.min(stepMs, left);
      await this.presence.sweep();
    }
    await this.settled();
  }

  /** The coordinator itself is frozen for so long. */
  async freeze(ms: number): Promise<void> {
    this.#nowMs += ms;
    await this.presence.sweep();
    await this.settled();
  }

  /** Past the end of every claim that is not renewed. */
  expire(): Promise<void> {
    return this.pass(claimTtlMs + 1);
  }

  /** Resolves when nothing moves any more: no write, no dispatch, nothing to send. */
  async settled(): Promise<void> {
    for (let calm = 0; calm < 5; calm++) {
      await new Promise((resolve) => setImmediate(resolve));
      const busy = this.database.writerQueueLength > 0 || this.plans.busy;
      await this.link.settled();
      await this.inbox.settled();
      await this.transfer.settled();
      await this.dispatcher.settled();
      await this.outbox.settled();
      if (busy) calm = -1;
    }
  }

  /** Messages of one channel that the agent got. */
  told<C extends ChannelName>(agentId: string, channel: C): Array<ChannelPayload<C>> {
    return (this.heard.get(agentId) ?? [])
      .filter((said) => said.channel === channel)
      .map((said) => said.payload as ChannelPayload<C>);
  }

  /** The newest start an agent was told. */
  start(agentId: string): ChannelPayload<'down/run.start'> {
    const start = this.told(agentId, 'down/run.start').at(-1);
    if (!start) throw new Error(`${agentId} was told no start`);
    return start;
  }

  runs(): Promise<RunEntity[]> {
    return this.database.reader.getRepository(RunEntity).find({ order: { position: 'ASC' } });
  }

  async states(): Promise<RunState[]> {
    return (await this.runs()).map((run) => run.state);
  }

  attempts(): Promise<AttemptEntity[]> {
    return this.database.reader.getRepository(AttemptEntity).find({ order: { fence: 'ASC' } });
  }

  async deviceOf(agentId: string): Promise<DeviceEntity> {
    return this.database.reader.getRepository(DeviceEntity).findOneByOrFail({ agentId });
  }

  async agentIsActive(id: string): Promise<boolean> {
    return (await this.database.reader.getRepository(AgentEntity).findOneByOrFail({ id })).revokedAt === null;
  }

  jobRow(id: string): Promise<JobEntity> {
    return this.database.reader.getRepository(JobEntity).findOneByOrFail({ id });
  }

  #transport(events: TransportEvents) {
    this.#events = events;
    return {
      vouches: true,
      start: async () => undefined,
      stop: async () => undefined,
      close: (agentId: string) => this.cut(agentId),
      connected: (agentId: string) => this.#connected.has(agentId),
      get clients(): number {
        return 0;
      },
      publish: async (agentId: string, topic: string, payload: Uint8Array) => {
        if (!this.#connected.has(agentId)) return false;
        const { channel } = parseTopic(topic)!;
        const list = this.heard.get(agentId) ?? [];
        list.push({ channel, payload: channels.decode(channel, payload) } as Said);
        this.heard.set(agentId, list);
        return true;
      },
    };
  }
}
