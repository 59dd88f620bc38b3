import {
  type ChannelPayload,
  type JournalEvent,
  type MetricId,
  type MetricValues,
  type RunError,
  type Sweep,
  type SweepFileInput,
  type Trial,
  type VariantState,
} from '@hilltop/contracts';
import type { Actor } from '../../access/actor.js';
import { ReferencePoints } from '../../frontier/reference-points.js';
import { JobService } from '../../jobs/job.service.js';
import { InlinePool } from '../../links/testing/inline-pool.js';
import { createLog } from '../../log.js';
import { BlobReferences } from '../../models/blob-references.js';
import { ModelEntity } from '../../models/model.entity.js';
import { ModelService } from '../../models/model.service.js';
import { RecipeService } from '../../recipes/recipe.service.js';
import { AgentCursorEntity } from '../../runs/agent-cursor.entity.js';
import { RunEntity } from '../../runs/run.entity.js';
import { ended as runEnded, started as runStarted, wholeRun } from '../../runs/testing/events.js';
import { RunBench } from '../../runs/testing/run-bench.js';
import { VariantEntity } from '../../variants/variant.entity.js';
import { VariantService } from '../../variants/variant.service.js';
import { VariantBuilder } from '../../variants/variant-builder.js';
import { DecisionWriter } from '../decision-writer.js';
import type { HealthDoor } from '../health-door.js';
import { Preparation } from '../preparation.js';
import { samplers } from '../samplers/index.js';
import type { Sampler } from '../samplers/sampler.js';
import { SpaceMaker } from '../space-maker.js';
import { StandingReader } from '../standing-reader.js';
import { SweepService } from '../sweep.service.js';
import { SweepClock } from '../sweep-clock.js';
import { SweepRunner } from '../sweep-runner.js';
import { SweepViews } from '../sweep-views.js';
import { TrialEntity } from '../trial.entity.js';
import { TrialSettler } from '../trial-settler.js';
import { TrialSubmitter } from '../trial-submitter.js';
import { EveryDeviceReady } from './every-device-ready.js';
import { sweepFile } from './sweep-file.js';

/** What a scripted device makes of a run. */
export type Outcome =
  | { readonly metrics: Partial<Record<MetricId, number>>; readonly disturbed?: boolean }
  | { readonly error: RunError };

type Start = ChannelPayload<'down/run.start'>;

export interface SweepBenchOptions {
  /** What each run comes to; absent: latency and accuracy by the recipe's name and the threads. */
  readonly outcome?: (run: RunEntity) => Outcome;
  readonly samplers?: Readonly<Record<string, Sampler>>;
  readonly health?: HealthDoor;
  /** The services find no job service here: as if the lab were killed before it submits. */
  readonly submitFails?: boolean;
}

export const actor: Actor = { tokenId: 'tok_00000001', userId: 'usr_00000001', role: 'operator', name: 'Ada' };

/** Sweeps over a real database, ledger and dispatcher; agents do as the script says, one run when they are asked. */
export class SweepBench {
  nowMs = Date.parse('2026-01-01T00:00:00.000Z');
  /** Ids of sweeps whose end was announced. */
  readonly announced: string[] = [];
  service!: SweepService;
  runner!: SweepRunner;
  recipes!: RecipeService;
  models!: ModelService;
  /** Starts that were told and not answered, by agent. */
  readonly #answered = new Map<string, number>();
  #carried = new Map<string, Start[]>();
  #builder!: VariantBuilder;

  private constructor(
    readonly runs: RunBench,
    private readonly options: SweepBenchOptions,
  ) {}

  /** A model with data of all three kinds, and one device for each name. */
  static async start(devices: readonly string[], options: SweepBenchOptions = {}): Promise<SweepBench> {
    const bench = new SweepBench(await RunBench.start(), options);
    await bench.runs.model([]);
    const set = (letter: string) => ({ items: 4, classes: 2, labelled: true, bytes: 10, sha256: letter.repeat(64) });
    await bench.runs.database.write((manager) =>
      manager.update(
        ModelEntity,
        { id: 'mod_00000001' },
        { qualityMetric: 'accuracy', calibration: set('c'), validation: set('d'), evaluation: set('e') },
      ),
    );
    await bench.#attach();
    await bench.runs.agents(...devices);
    return bench;
  }

  /** As if killed here: new services over the same database; what agents were told they still know. */
  async restart(options: SweepBenchOptions = this.options): Promise<SweepBench> {
    const held = new Map([...this.runs.heard.keys()].map((agentId) => [agentId, this.#unanswered(agentId)]));
    await this.runner.onApplicationShutdown();
    const next = new SweepBench(await RunBench.start(await this.runs.stop()), options);
    next.nowMs = this.nowMs;
    next.#carried = held;
    await next.#attach();
    for (const [agentId, starts] of held) {
      await next.runs.hello(agentId, {
        lastSeq: (await next.#nextSeq(agentId)) - 1,
        running: starts.map(({ runId, fence }) => ({ runId, fence })),
      });
    }
    await next.settled();
    return next;
  }

  async close(): Promise<void> {
    await this.runner.onApplicationShutdown();
    await this.runs.close();
  }

  /** Begins a sweep of the model. */
  create(file: Partial<SweepFileInput> = {}): Promise<Sweep> {
    return this.service.create(actor, { file: sweepFile(file) });
  }

  /** Builds what waits to be built; `outcome` says what of each. */
  async build(outcome: (recipe: string) => VariantState = () => 'ready'): Promise<void> {
    const rows = await this.runs.database.reader.getRepository(VariantEntity).findBy({ state: 'queued' });
    await this.runs.database.write(async (manager) => {
      for (const row of rows) {
        const state = outcome(row.recipeName);
        const hash = Buffer.from(row.recipeName).toString('hex').padStart(64, '0').slice(-64);
        await manager.update(
          VariantEntity,
          { id: row.id },
          state === 'failed'
            ? { state, error: { code: 'pass.failed', message: 'no such layer' } }
            : {
                state,
                artifactSha256: hash,
                artifactBytes: row.recipeName.length,
                metrics: valuesOf({ size_bytes: row.recipeName.length }),
              },
        );
      }
    });
    for (const row of rows) {
      await this.runs.jobRuns.variantSettled(row.id);
      this.#builder.settled.emit(row.id);
    }
    await this.settled();
  }

  /** Resolves when nothing can move without an agent. */
  async settled(): Promise<void> {
    for (let calm = 0; calm < 3; calm++) {
      await this.runs.settled();
      await this.runner.settled();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Agents that have been told to start something. */
  async busy(): Promise<string[]> {
    await this.settled();
    const agents = new Set([...this.#carried.keys(), ...this.runs.heard.keys()]);
    return [...agents].filter((agentId) => this.#unanswered(agentId).length > 0).sort();
  }

  /** The agent does its oldest unanswered run, and all that follows from it is done. */
  async answer(agentId: string): Promise<void> {
    const [start] = this.#unanswered(agentId);
    if (!start) throw new Error(`${agentId} has nothing to do`);
    this.#answered.set(start.runId + start.fence, 1);
    const run = await this.runs.database.reader.getRepository(RunEntity).findOneBy({ id: start.runId });
    const outcome = run ? this.#outcome(run) : { metrics: {} };
    const cancelled = run?.cancelReason != null;
    await this.#journal(
      agentId,
      cancelled
        ? [{ ...(runEnded(start, 0) as JournalEvent & { type: 'run.ended' }), outcome: 'cancelled' }]
        : 'error' in outcome
          ? [runStarted(start), runEnded(start, 0, outcome.error)]
          : wholeRun(start),
    );
    await this.settled();
  }

  /** All agents do what they are told until nobody has anything to do; or so many runs. */
  async play(most = Number.POSITIVE_INFINITY): Promise<number> {
    let done = 0;
    for (;;) {
      const busy = await this.busy();
      if (busy.length === 0 || done >= most) return done;
      for (const agentId of busy) {
        if (done >= most) break;
        await this.answer(agentId);
        done++;
      }
    }
  }

  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    this.nowMs += ms;
    this.runner.wake();
    await this.settled();
  }

  async trials(sweepId: string): Promise<Trial[]> {
    return this.service.trials(sweepId);
  }

  /** `recipe/threads@device#replicate reason state`, in the order in which they were chosen. */
  async story(sweepId: string): Promise<string[]> {
    return (await this.trials(sweepId)).map(
      (trial) =>
        `${trial.recipe}/${trial.settings.threads}@${trial.deviceName}#${trial.replicate} ${trial.reason} ${trial.state}`,
    );
  }

  /** Every trial has one job, every job one counted run, and no point was measured twice by accident. */
  async breaches(sweepId: string): Promise<string[]> {
    const rows = await this.runs.database.reader.getRepository(TrialEntity).findBy({ sweepId });
    const all = await this.runs.runs();
    const found: string[] = [];
    for (const row of rows.filter(({ jobId }) => jobId !== null)) {
      const own = all.filter(({ jobId }) => jobId === row.jobId);
      if (own.filter(({ repeatOf }) => repeatOf === null).length !== 1)
        found.push(`trial ${row.number} has ${own.length} runs`);
    }
    const jobs = new Set(rows.map(({ jobId }) => jobId));
    for (const run of all) if (!jobs.has(run.jobId)) found.push(`run ${run.id} belongs to no trial`);
    const keys = rows.map(({ pointKey, deviceId, protocol, replicate }) =>
      [pointKey, deviceId, protocol, replicate].join(' '),
    );
    if (new Set(keys).size < keys.length) found.push('a point twice');
    return found;
  }

  #unanswered(agentId: string): Start[] {
    const told = [...(this.#carried.get(agentId) ?? []), ...this.runs.told(agentId, 'down/run.start')];
    const fresh = told.filter(({ runId, fence }) => !this.#answered.has(runId + fence));
    return [...new Map(fresh.map((start) => [start.runId + start.fence, start])).values()];
  }

  #outcome(run: RunEntity): Outcome {
    if (this.options.outcome) return this.options.outcome(run);
    const weight = [...run.recipe].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 17;
    const isControl = run.recipe === 'fp32';
    return {
      metrics: {
        latency_p50_ms: (isControl ? 20 : 4 + weight) / run.settings.threads,
        accuracy: isControl ? 0.95 : 0.9 - weight / 100,
      },
    };
  }

  async #nextSeq(agentId: string): Promise<number> {
    const cursor = await this.runs.database.reader.getRepository(AgentCursorEntity).findOneBy({ agentId });
    return cursor?.nextSeq ?? 1;
  }

  async #journal(agentId: string, events: readonly JournalEvent[]): Promise<void> {
    let seq = await this.#nextSeq(agentId);
    const records = events.map((event) => ({ seq: seq++, event }));
    await this.runs.say(agentId, 'up/journal', { journalId: `journal-${agentId}`, records });
  }

  async #attach(): Promise<void> {
    const { database, blobs, live, ledger, plans, devices, jobRuns } = this.runs;
    const log = createLog(process.env['HILLTOP_LOG'] ?? 'silent');
    const references = new BlobReferences(database, blobs);
    const pool = new InlinePool({});
    this.#builder = new VariantBuilder(database, blobs, pool, references, live, log, 0);
    this.models = new ModelService(database, blobs, references, pool, live, log);
    this.recipes = new RecipeService(database);
    const variants = new VariantService(database, blobs, this.models, this.recipes, references, this.#builder, live);
    const jobs = new JobService(database, this.models, variants, devices, jobRuns, live, log);
    const clock = new SweepClock(() => this.nowMs);
    const killed = { create: () => Promise.reject(new Error('killed')) } as unknown as JobService;
    const standings = new StandingReader(database);
    this.runner = new SweepRunner(
      database,
      new TrialSettler(database, live),
      new TrialSubmitter(database, this.options.submitFails ? killed : jobs, live),
      standings,
      new Preparation(database, standings, plans, live),
      new DecisionWriter(database, jobRuns, live),
      this.options.health ?? new EveryDeviceReady(),
      clock,
      this.options.samplers ?? samplers,
      ledger,
      this.#builder,
      plans,
      log,
    );
    this.service = new SweepService(
      database,
      new SpaceMaker(database, this.models, this.recipes, variants, devices),
      this.recipes,
      variants,
      this.models,
      jobRuns,
      this.runner,
      new SweepViews(database, clock),
      clock,
      live,
      log,
    );
    this.service.ended.listen(({ sweepId }) => this.announced.push(sweepId));
    this.service.onModuleInit();
    ledger.committed.listen((news) => {
      for (const runId of news.reporting) void this.#summarise(runId);
    });
    for (const { id } of await database.reader.getRepository(RunEntity).findBy({ state: 'reporting' }))
      await this.#summarise(id);
    this.runner.wake();
    await this.settled();
  }

  /** In the place of summaries: the script's figures are the run's. */
  async #summarise(runId: string): Promise<void> {
    await this.runs.ledger.write('summary', async (entry) => {
      const run = await entry.run(runId);
      if (run?.state !== 'reporting') return;
      const outcome = this.#outcome(run);
      if ('error' in outcome) throw new Error('a failed run is not summarised');
      if (outcome.disturbed) await entry.repeat(run);
      await entry.finish(run, await entry.current(run), 'succeeded', {
        metrics: valuesOf(outcome.metrics),
        verdict: { verdict: outcome.disturbed ? 'disturbed' : 'clean', reasons: [], evidence: [] },
        error: null,
      });
    });
    await new ReferencePoints(this.runs.database).note(runId);
    this.runner.wake();
  }
}

function valuesOf(values: Partial<Record<MetricId, number>>): MetricValues {
  return Object.fromEntries(
    Object.entries(values).map(([id, value]) => [id, { value, low: value, high: value, n: 3, unit: '' }]),
  );
}
