import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type MetricId,
  type MetricValues,
  metrics as metricTable,
  protocolOf,
  type RunSettings,
  SweepFile,
  type SweepState,
  settingsKey,
  type TrialReason,
} from '@hilltop/contracts';
import type { Actor } from '../../access/actor.js';
import { DeviceEntity } from '../../devices/device.entity.js';
import { JobEntity } from '../../jobs/job.entity.js';
import { LabIdentity } from '../../lab/lab-identity.js';
import { Database } from '../../links/database.js';
import { InlinePool } from '../../links/testing/inline-pool.js';
import { LiveService } from '../../live/live.service.js';
import { createLog } from '../../log.js';
import { RunEntity } from '../../runs/run.entity.js';
import { insertModel } from '../../runs/testing/insert-model.js';
import { packBits } from '../../summaries/item-bits.js';
import { SummaryEntity } from '../../summaries/summary.entity.js';
import { SweepEntity } from '../../sweeps/sweep.entity.js';
import { TrialEntity } from '../../sweeps/trial.entity.js';
import { BaselineService } from '../baseline.service.js';
import { GateService } from '../gate.service.js';
import { gateWork } from '../gate-task.js';
import { NightRuns } from '../night-runs.js';
import { StoredNights } from '../stored-nights.js';
import { TrendService } from '../trend.service.js';

const at = '2026-01-01T00:00:00.000Z';
const settings: RunSettings = { threads: 1, graphLevel: 'all' };

/** One run of a night. */
export interface NightRun {
  readonly recipe: string;
  /** ms, one a process. */
  readonly latencies: readonly number[];
  readonly reason?: TrialReason;
  /** Whether each item was right. */
  readonly right?: readonly boolean[];
  readonly bytes?: number;
  readonly artifact?: string;
  readonly verdict?: 'clean' | 'disturbed';
  readonly key?: string;
  readonly device?: string;
  /** 0: a board that only counts. */
  readonly betweenRuns?: number;
}

export interface NightOptions {
  readonly name?: string;
  readonly state?: SweepState;
  readonly scheduleId?: string;
}

/** Baselines and gates over a real database into which nights are put. */
export class GateBench {
  readonly actor: Actor = { tokenId: 'tok_00000001', userId: 'usr_00000001', role: 'operator', name: 'Ada' };
  readonly other: Actor = { tokenId: 'tok_00000002', userId: 'usr_00000002', role: 'operator', name: 'Bob' };
  readonly baselines: BaselineService;
  readonly gates: GateService;
  readonly trends: TrendService;
  #sweeps = 0;
  #runs = 0;

  private constructor(
    private readonly folder: string,
    readonly database: Database,
    readonly live: LiveService,
  ) {
    const nights = new StoredNights(database);
    const runs = new NightRuns(database, nights);
    const log = createLog('silent');
    this.baselines = new BaselineService(database, nights);
    this.gates = new GateService(database, this.baselines, runs, new InlinePool({ gate: gateWork }), live, log);
    this.trends = new TrendService(nights, runs);
    this.gates.onModuleInit();
  }

  static async start(): Promise<GateBench> {
    const folder = mkdtempSync(join(tmpdir(), 'hilltop-gates-'));
    const log = createLog('silent');
    const database = await Database.open(join(folder, 'hilltop.db'), log);
    const bench = new GateBench(folder, database, new LiveService(LabIdentity.load(folder), log));
    await database.write(async (manager) => {
      await insertModel(manager, ['fp32', 'int8-static', 'prune-50'], 'ready');
      for (const id of ['dev_00000001', 'dev_00000002'])
        await manager.insert(DeviceEntity, {
          ...{ id, agentId: id, key: id, name: id === 'dev_00000001' ? 'pi' : 'nano', kind: 'host', type: 'bench' },
          ...{
            emulated: false,
            agentVersion: '1',
            reportedLabels: {},
            ownLabels: {},
            state: 'available',
            createdAt: at,
          },
          facts: {},
        } as unknown as DeviceEntity);
    });
    return bench;
  }

  async close(): Promise<void> {
    this.live.onModuleDestroy();
    await this.database.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A sweep with these runs, each of a trial and a job of its own; resolves to its id. */
  async night(
    runs: readonly NightRun[],
    { name = 'nightly', state = 'succeeded', scheduleId }: NightOptions = {},
  ): Promise<string> {
    this.#sweeps += 1;
    const id = `swp_${String(this.#sweeps).padStart(8, '0')}`;
    const endedAt = new Date(Date.parse(at) + this.#sweeps * 86_400_000).toISOString();
    const objectives = (['latency_p50_ms', 'accuracy'] as const).map((metric) => ({
      metric,
      direction: metric === 'accuracy' ? 'max' : 'min',
      unit: metricTable[metric].unit,
    }));
    const file = SweepFile.parse({ name, models: ['net'], recipes: ['fp32', 'int8-static'], protocol: 'quick' });
    await this.database.write(async (manager) => {
      await manager.insert(SweepEntity, {
        ...{ id, position: this.#sweeps, name, file, revision: 1, state, objectives, actor: this.actor },
        plan: { recipes: [], objectives: {}, variants: {}, places: [], leftOut: [] },
        ...{ scheduleId: scheduleId ?? null, createdAt: endedAt, endedAt },
      } as unknown as SweepEntity);
      for (const [i, run] of runs.entries()) await this.#run(manager, id, i + 1, run);
    });
    return id;
  }

  async #run(
    manager: Parameters<Parameters<Database['write']>[0]>[0],
    sweepId: string,
    number: number,
    run: NightRun,
  ): Promise<void> {
    this.#runs += 1;
    const n = String(this.#runs).padStart(8, '0');
    const [jobId, runId] = [`job_${n}`, `run_${n}`];
    const deviceId = run.device === 'nano' ? 'dev_00000002' : 'dev_00000001';
    const protocol = protocolOf('quick');
    const middle = run.latencies[Math.floor(run.latencies.length / 2)]!;
    const value = (metric: MetricId, of: number) => ({ [metric]: { value: of, n: 1, unit: metricTable[metric].unit } });
    const metrics: MetricValues = {
      ...value('latency_p50_ms', middle),
      ...value('size_bytes', run.bytes ?? 1000),
      ...(run.right && value('accuracy', run.right.filter(Boolean).length / run.right.length)),
    };
    const verdict = { verdict: run.verdict ?? 'clean', reasons: [], evidence: [] };
    await manager.insert(JobEntity, {
      ...{ id: jobId, position: this.#runs, modelId: 'mod_00000001', modelName: 'net', recipes: [run.recipe] },
      ...{ selector: { devices: [], labels: {} }, protocol, settings: [settings], state: 'succeeded', createdAt: at },
    } as unknown as JobEntity);
    await manager.insert(RunEntity, {
      ...{ id: runId, position: this.#runs, jobId, modelId: 'mod_00000001', recipe: run.recipe, deviceId, protocol },
      variantId: `var_0000000${['fp32', 'int8-static', 'prune-50'].indexOf(run.recipe) + 1}`,
      artifactSha256: run.artifact ?? null,
      ...{ settings, state: 'succeeded', attempt: 1, metrics, verdict, queuedAt: at, endedAt: at },
    } as unknown as RunEntity);
    await manager.insert(SummaryEntity, {
      ...{ runId, key: run.key ?? 'quick | single-stream | bench | host', metrics, verdict, version: 1, createdAt: at },
      basis: {
        blocks: run.latencies.map((latency) => ({ inferences: 100, values: { latency_p50_ms: latency } })),
        items: run.right ? { accuracy: packBits(run.right) } : {},
        ...(run.betweenRuns !== undefined && { betweenRuns: run.betweenRuns }),
      },
    } as unknown as SummaryEntity);
    await manager.insert(TrialEntity, {
      ...{ id: `try_${n}`, sweepId, number, modelId: 'mod_00000001', recipe: run.recipe, settings, deviceId },
      ...{ settingsKey: settingsKey(settings), pointKey: `${run.recipe} ${number}`, deviceName: 'pi' },
      ...{ protocol: 'quick', replicate: number, state: 'succeeded', reason: run.reason ?? 'grid', why: 'a test' },
      ...{ jobId, runId, metrics, runs: 1, proposedAt: at, endedAt: at },
    } as unknown as TrialEntity);
  }
}
