import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Candidates } from '../frontier/candidates.js';
import { FrontierService } from '../frontier/frontier.service.js';
import { frontierWork } from '../frontier/frontier-task.js';
import { InlinePool } from '../links/testing/inline-pool.js';
import { createLog } from '../log.js';
import { ModelEntity } from '../models/model.entity.js';
import type { ModelService } from '../models/model.service.js';
import { RunEntity } from '../runs/run.entity.js';
import { BaselineFrontiers } from './baseline-frontiers.js';
import { NightRuns } from './night-runs.js';
import { StoredNights } from './stored-nights.js';
import { GateBench } from './testing/gate-bench.js';

describe('baseline frontiers', () => {
  let bench: GateBench;
  let frontiers: BaselineFrontiers;
  beforeEach(async () => {
    bench = await GateBench.start();
    const { database } = bench;
    // What `ofRuns` does not touch is left out.
    const none = undefined as never;
    const pool = new InlinePool({ frontier: frontierWork });
    const service = new FrontierService(
      none,
      none,
      new Candidates(database),
      none,
      none,
      pool,
      bench.live,
      createLog('silent'),
    );
    const models = {
      find: () => database.reader.getRepository(ModelEntity).findOneByOrFail({}),
    } as unknown as ModelService;
    frontiers = new BaselineFrontiers(
      bench.baselines,
      new NightRuns(database, new StoredNights(database)),
      models,
      service,
    );
  });
  afterEach(() => bench.close());

  it('[FRONT-16] is of the runs of its sweep alone, and says when and under which key they were measured', async () => {
    const night = (factor: number) =>
      bench.night([
        { recipe: 'fp32', reason: 'control', latencies: [20 * factor, 21 * factor, 22 * factor], right: [true, true] },
        { recipe: 'int8-static', latencies: [10 * factor, 11 * factor, 12 * factor], right: [true, false] },
      ]);
    await bench.baselines.pin(bench.actor, { name: 'v1', sweep: await night(1), replace: false });
    await night(2);
    await bench.database.write((manager) =>
      manager.update(RunEntity, { state: 'succeeded' }, { artifactSha256: 'a'.repeat(64), artifactBytes: 1000 }),
    );
    const found = await frontiers.of('v1', { model: 'net', x: 'latency_p50_ms', y: 'size_bytes' });
    expect(found).toMatchObject({ baseline: { name: 'v1' }, at: '2026-01-02T00:00:00.000Z', protocol: 'quick' });
    expect(found.devices.map(({ device, key, points }) => [device.name, typeof key, points.length])).toEqual([
      ['pi', 'string', 2],
    ]);
    const latencies = found.devices[0]!.points.map((point) => point.metrics.latency_p50_ms!.value);
    expect(Math.max(...latencies)).toBeLessThan(23);
    await expect(frontiers.of('v2', { model: 'net', x: 'latency_p50_ms', y: 'size_bytes' })).rejects.toMatchObject({
      code: 'baseline.unknown',
    });
  });
});
