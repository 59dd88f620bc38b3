import { afterEach, describe, expect, it } from '@jest/globals';
import { judgeRuns, measuring } from '../support/judge-runs.js';
import { startLab, type TestLab } from '../support/lab.js';

describe('nothing is lost', () => {
  let lab: TestLab;
  afterEach(() => lab.stop());

  /** Long enough to be hit in the middle of its first run. */
  const submit = () =>
    lab.submit({ model: 'sample', recipes: ['fp32', 'int8-static'], protocol: 'standard', repeats: 0 });

  it('[RUN-21] kill -9 of the agent in mid-run: the run is done again under a higher fence', async () => {
    lab = await startLab();
    const agent = await lab.agent('bench-1');
    await lab.pushSample();
    const job = await submit();
    const run = await measuring(lab, job.id);
    await agent.kill();
    await lab.agent('bench-1', { token: '', wait: 'none' });
    expect((await lab.ended(job.id)).state).toBe('succeeded');
    const runs = await judgeRuns(lab, job.id, 2);
    expect(runs.find((r) => r.id === run.id)!.attempt).toBeGreaterThan(1);
  }, 180_000);

  it('[RUN-22] kill -9 of the coordinator in mid-run: the agent finishes, its journal is taken over', async () => {
    lab = await startLab();
    await lab.agent('bench-1');
    await lab.pushSample();
    const job = await submit();
    const run = await measuring(lab, job.id);
    await lab.server.kill();
    await lab.start();
    expect((await lab.ended(job.id)).state).toBe('succeeded');
    const runs = await judgeRuns(lab, job.id, 2);
    // A result is worth more than a claim: nothing was measured twice.
    expect(runs.find((r) => r.id === run.id)!.attempt).toBe(1);
  }, 180_000);
});
