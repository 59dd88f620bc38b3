import type { Sweep, SweepFileInput } from '@hilltop/contracts';
import { Candidates } from '../../frontier/candidates.js';
import { FrontierService } from '../../frontier/frontier.service.js';
import { frontierWork } from '../../frontier/frontier-task.js';
import { ReferencePoints } from '../../frontier/reference-points.js';
import { Signal } from '../../links/signal.js';
import { InlinePool } from '../../links/testing/inline-pool.js';
import { createLog } from '../../log.js';
import { SummaryEntity } from '../../summaries/summary.entity.js';
import type { SummaryService } from '../../summaries/summary.service.js';
import { SweepBench, type SweepBenchOptions } from '../../sweeps/testing/sweep-bench.js';

/** Whole sweeps by scripted devices, with the summaries that frontiers are made from. */
export class NightBench {
  private constructor(
    readonly sweeps: SweepBench,
    readonly pool: InlinePool,
    readonly candidates: Candidates,
    readonly frontiers: FrontierService,
  ) {}

  /** `work`: what else its workers can do. */
  static async start(
    devices: readonly string[],
    options: SweepBenchOptions = {},
    work: ConstructorParameters<typeof InlinePool>[0] = {},
  ): Promise<NightBench> {
    const sweeps = await SweepBench.start(devices, options);
    const { database, devices: deviceService, live } = sweeps.runs;
    const pool = new InlinePool({ frontier: frontierWork, ...work });
    const candidates = new Candidates(database);
    const summaries = { written: new Signal() } as unknown as SummaryService;
    const frontiers = new FrontierService(
      sweeps.models,
      deviceService,
      candidates,
      new ReferencePoints(database),
      summaries,
      pool,
      live,
      createLog('silent'),
    );
    return new NightBench(sweeps, pool, candidates, frontiers);
  }

  /** A sweep from its beginning to its end. */
  async night(file: Partial<SweepFileInput> = {}): Promise<Sweep> {
    const { id } = await this.sweeps.create(file);
    await this.sweeps.settled();
    await this.sweeps.build();
    await this.sweeps.play();
    const { database } = this.sweeps.runs;
    const summarised = new Set((await database.reader.getRepository(SummaryEntity).find()).map(({ runId }) => runId));
    const fresh = (await this.sweeps.runs.runs()).filter((run) => run.state === 'succeeded' && !summarised.has(run.id));
    await database.write(async (manager) => {
      for (const run of fresh) {
        const values = Object.fromEntries(Object.entries(run.metrics).map(([metric, { value }]) => [metric, value]));
        await manager.insert(SummaryEntity, {
          runId: run.id,
          key: `${run.protocol.name}|bench`,
          metrics: run.metrics,
          verdict: run.verdict!,
          basis: { blocks: [0.999, 1, 1.001].map((f) => ({ inferences: 9, values: scaled(values, f) })), items: {} },
          version: 1,
          createdAt: run.endedAt!,
        });
      }
    });
    return this.sweeps.service.show(id);
  }

  close(): Promise<void> {
    return this.sweeps.close();
  }
}

const scaled = (values: Readonly<Record<string, number>>, factor: number): Record<string, number> =>
  Object.fromEntries(Object.entries(values).map(([metric, value]) => [metric, value * factor]));
