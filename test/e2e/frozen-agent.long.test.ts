import { afterEach, describe, expect, it } from '@jest/globals';
import { judgeRuns, measuring } from '../support/judge-runs.js';
import { startLab, type TestLab } from '../support/lab.js';

/** A minute of waiting, most of it for a claim to run out. */
describe('nothing is lost while an agent is frozen', () => {
  let lab: TestLab;
  afterEach(() => lab.stop());

  it('[CLAIM-20] past its claim: the run is lost, then ends exactly once', async () => {
    lab = await startLab();
    const agent = await lab.agent('bench-1');
    await lab.pushSample();
    const job = await lab.submit({ model: 'sample', recipes: ['fp32'], protocol: 'standard', repeats: 0 });
    const run = await measuring(lab, job.id);
    agent.signal('SIGSTOP');
    await lab.watch(`job/${job.id}`).until((e) => {
      const now = e.run.get(run.id);
      return now && (now.state === 'lost' || now.state === 'queued') ? true : undefined;
    });
    agent.signal('SIGCONT');
    expect((await lab.ended(job.id)).state).toBe('succeeded');
    await judgeRuns(lab, job.id, 1);
  }, 180_000);
});
