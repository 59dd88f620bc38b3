import { encodeColumns, type JournalEvent } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DeviceEntity } from '../devices/device.entity.js';
import { InlinePool } from '../links/testing/inline-pool.js';
import { createLog } from '../log.js';
import { BlobReferences } from '../models/blob-references.js';
import { ModelEntity } from '../models/model.entity.js';
import { RunEntity } from '../runs/run.entity.js';
import { ended, started } from '../runs/testing/events.js';
import { RunBench } from '../runs/testing/run-bench.js';
import { summarizeWork } from '../summaries/summarize-task.js';
import { SummaryEntity } from '../summaries/summary.entity.js';
import { SummaryService } from '../summaries/summary.service.js';
import { Candidates } from './candidates.js';
import { ReferencePointEntity } from './reference-point.entity.js';
import { ReferencePoints } from './reference-points.js';

const items = { items: 4, classes: 2, labelled: true, bytes: 10, sha256: 'e'.repeat(64) };

describe('summaries and frontier', () => {
  let bench: RunBench;
  let summaries: SummaryService;

  const attach = (): void => {
    const log = createLog('silent');
    const pool = new InlinePool({ summarize: summarizeWork });
    summaries = new SummaryService(
      bench.database,
      bench.blobs,
      new BlobReferences(bench.database, bench.blobs),
      bench.observations,
      bench.ledger,
      pool,
      log,
    );
  };
  const summarised = async (): Promise<void> => {
    await bench.settled();
    await summaries.idle();
    await bench.settled();
  };

  /** One block of latencies and four items with their predicted classes. */
  const measure = (held: { runId: string; fence: number }, predicted: readonly number[]): JournalEvent[] => {
    const batch = (
      seq: number,
      kind: 'latency' | 'process' | 'item',
      values: Record<string, readonly number[]>,
    ): JournalEvent => ({
      type: 'run.observed',
      observations: { ...held, seq, kind, block: 0, ...encodeColumns(kind, values) },
    });
    const one = [1];
    return [
      started(held),
      batch(0, 'latency', { latency_ms: Array.from({ length: 100 }, (_, i) => 1 + i / 1000) }),
      batch(1, 'process', {
        load_ms: one,
        first_inference_ms: one,
        measured_ms: [100],
        rss_baseline_bytes: one,
        peak_load_bytes: [2],
        peak_bytes: [3],
      }),
      batch(2, 'item', { item: [0, 1, 2, 3], predicted, correct: predicted.map((p) => (p === 1 ? 1 : 0)) }),
      ended(held, 3),
    ];
  };
  const runOne = async (job: string, recipe: string, predicted: readonly number[]): Promise<string> => {
    await bench.job(job, { devices: ['pi-a'], recipes: [recipe] });
    const { runId, fence } = bench.start('pi-a');
    await bench.journal('pi-a', ...measure({ runId, fence }, predicted));
    await summarised();
    return runId;
  };
  const row = (id: string) => bench.database.reader.getRepository(RunEntity).findOneByOrFail({ id });

  beforeEach(async () => {
    bench = await RunBench.start();
    attach();
    await bench.model(['fp32', 'int8']);
    await bench.database.write((manager) =>
      manager.update(ModelEntity, { name: 'net' }, { evaluation: items, qualityMetric: 'accuracy' }),
    );
    await bench.agents('pi-a');
  });
  afterEach(async () => {
    await summaries.onApplicationShutdown();
    await bench.close();
  });

  it('[RUN-12] a reported run gets its one summary and succeeds', async () => {
    const id = await runOne('job_00000001', 'fp32', [1, 1, 1, 0]);
    expect(await row(id)).toMatchObject({
      state: 'succeeded',
      metrics: { accuracy: { value: 0.75, n: 4 }, agreement: { value: 1, n: 4 } },
    });
    expect(await bench.database.reader.getRepository(SummaryEntity).count()).toBe(1);
    expect(await bench.jobRow('job_00000001')).toMatchObject({ state: 'succeeded' });
  });

  it('[RUN-12] a failure of the lab itself costs no result: it is summarised a little later', async () => {
    jest.useFakeTimers({
      doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance', 'Date', 'setInterval'],
    });
    const put = jest.spyOn(bench.blobs, 'put');
    await bench.job('job_00000001', { devices: ['pi-a'], recipes: ['fp32'] });
    const { runId, fence } = bench.start('pi-a');
    const [last, ...first] = measure({ runId, fence }, [1, 1, 1, 1]).reverse();
    await bench.journal('pi-a', ...first.reverse());
    put.mockRejectedValueOnce(new Error('no space left on device'));
    await bench.journal('pi-a', last!);
    await summarised();
    expect((await row(runId)).state).toBe('reporting');
    jest.advanceTimersByTime(1000);
    await summarised();
    expect((await row(runId)).state).toBe('succeeded');
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  it('[RUN-12] what was reported before a stop is summarised after the next start', async () => {
    await summaries.onApplicationShutdown();
    await bench.job('job_00000001', { devices: ['pi-a'], recipes: ['fp32'] });
    const { runId, fence } = bench.start('pi-a');
    await bench.journal('pi-a', ...measure({ runId, fence }, [1, 1, 1, 1]));
    expect((await row(runId)).state).toBe('reporting');
    bench = await RunBench.start(await bench.stop());
    attach();
    await summaries.onApplicationBootstrap();
    await summarised();
    expect((await row(runId)).state).toBe('succeeded');
  });

  it('[RUN-12] a run that cannot be summarised fails with the reason', async () => {
    await bench.job('job_00000001', { devices: ['pi-a'], recipes: ['fp32'] });
    const { runId, fence } = bench.start('pi-a');
    await bench.journal('pi-a', started({ runId, fence }), ended({ runId, fence }, 0));
    await summarised();
    expect(await row(runId)).toMatchObject({ state: 'failed', error: { code: 'summary.no-observations' } });
  });

  it('[RUN-13] a run that ended before fp32 gets its agreement when fp32 is there', async () => {
    const int8 = await runOne('job_00000001', 'int8', [1, 1, 0, 0]);
    expect((await row(int8)).metrics.agreement).toBeUndefined();
    await runOne('job_00000002', 'fp32', [1, 1, 1, 0]);
    expect((await row(int8)).metrics.agreement).toMatchObject({ value: 0.75, n: 4 });
  });

  it('[FRONT-11] a reference point is written once, at the first clean fp32 run, and stays', async () => {
    const points = new ReferencePoints(bench.database);
    const first = await runOne('job_00000001', 'fp32', [1, 1, 1, 1]);
    await points.note(first);
    const stored = () => bench.database.reader.getRepository(ReferencePointEntity).find({ order: { metric: 'ASC' } });
    expect(await stored()).toEqual([]);
    const clean = { verdict: 'clean' as const, reasons: [], evidence: [] };
    await bench.database.write((manager) => manager.update(RunEntity, { id: first }, { verdict: clean }));
    await points.note(first);
    const before = await stored();
    expect(before.find((point) => point.metric === 'accuracy')).toMatchObject({
      fp32: 1,
      value: 0.5,
      deviceType: 'bench',
      protocol: 'quick',
      runId: first,
    });
    expect(before.find((point) => point.metric === 'latency_p50_ms')!.value).toBeCloseTo(
      2 * before.find((point) => point.metric === 'latency_p50_ms')!.fp32,
    );
    const second = await runOne('job_00000002', 'fp32', [0, 0, 0, 0]);
    await bench.database.write((manager) => manager.update(RunEntity, { id: second }, { verdict: clean }));
    await points.note(second);
    expect(await stored()).toEqual(before);
  });

  it('[FRONT-12] what a device measured when it was of another type is not compared', async () => {
    await runOne('job_00000001', 'fp32', [1, 1, 1, 1]);
    await bench.database.write((manager) => manager.update(DeviceEntity, { name: 'pi-a' }, { type: 'another kernel' }));
    const newest = await runOne('job_00000002', 'int8', [1, 1, 1, 1]);
    const [found] = await new Candidates(bench.database).of('mod_00000001', 'quick', undefined);
    expect(found!.candidates.map((candidate) => candidate.runId)).toEqual([newest]);
  });

  it('[VERD-2] [VERD-5] the last of a point that stayed disturbed says how often it was', async () => {
    const first = await runOne('job_00000001', 'fp32', [1, 1, 1, 1]);
    const verdict = {
      verdict: 'disturbed' as const,
      reasons: ['steal_ratio 0.02 over 0.01'],
      evidence: [{ signal: 'steal_ratio', value: 0.02, level: 'soft' as const }],
    };
    await bench.database.write(async (manager) => {
      const run = await manager.findOneByOrFail(RunEntity, { id: first });
      const summary = await manager.findOneByOrFail(SummaryEntity, { runId: first });
      const protocol = { ...run.protocol, repeats: 1 };
      await manager.update(RunEntity, { id: first }, { protocol, verdict });
      await manager.update(SummaryEntity, { runId: first }, { verdict });
      const id = 'run_repeated0';
      const { position } = run;
      await manager.insert(RunEntity, {
        ...run,
        id,
        position: Number(position) + 1,
        protocol,
        verdict,
        repeatOf: first,
      });
      await manager.insert(SummaryEntity, { ...summary, runId: id, verdict });
    });
    const [found] = await new Candidates(bench.database).of('mod_00000001', 'quick', undefined);
    expect(found!.candidates.map(({ runId, verdict, unstable }) => [runId, verdict, unstable])).toEqual([
      ['run_repeated0', 'disturbed', 2],
      [first, 'disturbed', undefined],
    ]);
  });
});
