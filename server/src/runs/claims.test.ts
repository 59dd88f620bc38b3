import { heldStates } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ended, started } from './testing/events.js';
import { RunBench } from './testing/run-bench.js';

type Step = 'job' | 'start' | 'succeed' | 'fail' | 'cut' | 'hello' | 'forget' | 'expire' | 'cancel';
const steps = [
  'job',
  'start',
  'succeed',
  'fail',
  'cut',
  'hello',
  'forget',
  'expire',
  'cancel',
] as const satisfies readonly Step[];
const agents = ['pi-a', 'pi-b'] as const;

/** One step of a history: an agent does something, or time passes. Steps that make no sense now do nothing. */
async function take(bench: RunBench, step: Step, agentId: string, n: number): Promise<void> {
  const last = bench.told(agentId, 'down/run.start').at(-1);
  const held = last && { runId: last.runId, fence: last.fence };
  if (step === 'job') await bench.job(`job_${String(n).padStart(8, '0')}`, { devices: agents });
  else if (step === 'cut') bench.cut(agentId);
  else if (step === 'hello') await bench.hello(agentId, { running: held ? [held] : [] });
  else if (step === 'forget') await bench.hello(agentId, { maxFence: last ? { [last.deviceId]: last.fence } : {} });
  else if (step === 'expire') await bench.expire();
  else if (!held) return;
  else if (step === 'start') await bench.journal(agentId, started(held));
  else if (step === 'succeed') await bench.journal(agentId, ended(held, 0));
  else if (step === 'fail')
    await bench.journal(
      agentId,
      ended(held, 0, { code: 'run.crashed', message: 'crash', cause: n % 2 ? 'user' : 'infrastructure' }),
    );
  else await bench.jobRuns.cancel(last!.jobId, { code: 'run.cancelled', message: 'enough' });
  await bench.settled();
}

async function check(bench: RunBench): Promise<void> {
  const attempts = await bench.attempts();
  for (const deviceId of new Set(attempts.map((a) => a.deviceId))) {
    const own = attempts.filter((a) => a.deviceId === deviceId);
    expect(own.map((a) => a.fence)).toEqual(own.map((_, i) => i + 1));
    expect(own.filter((a) => (heldStates as readonly string[]).includes(a.state)).length).toBeLessThanOrEqual(1);
  }
  for (const agentId of agents) {
    const device = await bench.deviceOf(agentId);
    const held = attempts.filter(
      (a) => a.deviceId === device.id && (heldStates as readonly string[]).includes(a.state),
    );
    expect(device.currentRunId).toBe(held[0]?.runId ?? null);
    const waiting = (await bench.runs()).filter((run) => run.deviceId === device.id && run.state === 'queued');
    expect(device.queued).toBe(waiting.length);
  }
  for (const run of await bench.runs()) {
    const own = attempts.filter((a) => a.runId === run.id);
    expect(own.filter((a) => ['succeeded', 'reporting'].includes(a.state)).length).toBeLessThanOrEqual(1);
    if ((heldStates as readonly string[]).includes(run.state))
      expect(own.find((a) => a.n === run.attempt)?.state).toBe(run.state);
  }
}

describe('claims', () => {
  it('[CLAIM-11] in any history fences of a device strictly grow, at most one attempt is held, and at most one counts', async () => {
    const history = fc.array(fc.tuple(fc.constantFrom(...steps), fc.constantFrom(...agents)), {
      minLength: 4,
      maxLength: 14,
    });
    await fc.assert(
      fc.asyncProperty(history, async (taken) => {
        const bench = await RunBench.start();
        try {
          await bench.model();
          await bench.agents(...agents);
          for (const [n, [step, agentId]] of [['job', 'pi-a'] as const, ...taken].entries()) {
            await take(bench, step, agentId, n);
            await check(bench);
          }
        } finally {
          await bench.close();
        }
      }),
      { numRuns: 12 },
    );
  }, 120_000);
});
