import type { Run } from '@hilltop/contracts';
import { afterEach, describe, expect, it } from '@jest/globals';
import { startLab, type TestLab } from '../support/lab.js';
import { readTruth, truthBreaches } from '../support/truth.js';

describe('nothing is lost', () => {
  let lab: TestLab;
  afterEach(() => lab.stop());

  const running = (jobId: string) =>
    lab
      .watch(`job/${jobId}`)
      .until((e) => [...e.run.values()].find((r) => r.state === 'running' && (r.progress?.block ?? 0) >= 0));

  /** I1, I2: every run ended once and was counted once; I3, I4: nothing overlapped, fences only grew. */
  async function judge(jobId: string, expected: number): Promise<Run[]> {
    expect(truthBreaches(readTruth(lab.truthFile))).toEqual([]);
    const runs = await lab.runs(jobId);
    expect(runs.map((r) => r.state)).toEqual(Array.from({ length: expected }, () => 'succeeded'));
    expect(new Set(runs.map((r) => `${r.deviceId} ${r.variantId}`)).size).toBe(expected);
    for (const run of runs) {
      expect(run.metrics.latency_p50_ms).toBeDefined();
      const last = readTruth(lab.truthFile).filter(
        (t) => t.runId === run.id && t.fence === run.fence && t.what === 'start',
      );
      expect(last.length).toBe(run.protocol.blocks);
    }
    return runs;
  }

  it('[RUN-21] kill -9 of the agent in mid-run: the run is done again under a higher fence', async () => {
    lab = await startLab();
    const agent = await lab.agent('bench-1');
    await lab.pushSample();
    const job = await lab.submit({
      model: 'sample',
      recipes: ['fp32', 'int8-static'],
      protocol: 'standard',
      repeats: 0,
    });
    const run = await running(job.id);
    await agent.kill();
    await lab.agent('bench-1', { token: '', wait: 'none' });
    expect((await lab.ended(job.id)).state).toBe('succeeded');
    const runs = await judge(job.id, 2);
    expect(runs.find((r) => r.id === run.id)!.attempt).toBeGreaterThan(1);
  }, 180_000);

  it('[RUN-22] kill -9 of the coordinator in mid-run: the agent finishes, its journal is taken over', async () => {
    lab = await startLab();
    await lab.agent('bench-1');
    await lab.pushSample();
    const job = await lab.submit({
      model: 'sample',
      recipes: ['fp32', 'int8-static'],
      protocol: 'standard',
      repeats: 0,
    });
    const run = await running(job.id);
    await lab.server.kill();
    await lab.start();
    expect((await lab.ended(job.id)).state).toBe('succeeded');
    const runs = await judge(job.id, 2);
    // A result is worth more than a claim: nothing was measured twice.
    expect(runs.find((r) => r.id === run.id)!.attempt).toBe(1);
  }, 180_000);

  it('[CLAIM-20] an agent frozen past its claim: the run is lost, then ends exactly once', async () => {
    lab = await startLab();
    const agent = await lab.agent('bench-1');
    await lab.pushSample();
    const job = await lab.submit({ model: 'sample', recipes: ['fp32'], protocol: 'standard', repeats: 0 });
    const run = await running(job.id);
    agent.signal('SIGSTOP');
    await lab.watch(`job/${job.id}`).until((e) => {
      const now = e.run.get(run.id);
      return now && (now.state === 'lost' || now.state === 'queued') ? true : undefined;
    });
    agent.signal('SIGCONT');
    expect((await lab.ended(job.id)).state).toBe('succeeded');
    await judge(job.id, 1);
  }, 180_000);
});
