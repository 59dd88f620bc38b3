import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { cancelledBy } from '../jobs/job-outcome.js';
import { ended, environment, observed, started, wholeRun } from './testing/events.js';
import { RunBench } from './testing/run-bench.js';

describe('agents coming and going', () => {
  let bench: RunBench;
  beforeEach(async () => {
    bench = await RunBench.start();
    await bench.model();
  });
  afterEach(() => bench.close());

  const welcome = (agentId: string) => bench.told(agentId, 'down/welcome').at(-1)!;

  it('[DEV-1] a device keeps its id for as long as agent and key are the same', async () => {
    await bench.agents('pi-a');
    const before = await bench.deviceOf('pi-a');
    await bench.hello('pi-a', { version: '1.1.0' });
    expect(await bench.deviceOf('pi-a')).toMatchObject({
      id: before.id,
      name: 'pi-a',
      agentVersion: '1.1.0',
      state: 'available',
    });
    expect(welcome('pi-a').devices).toEqual([{ key: 'host', deviceId: before.id, fence: 0 }]);
  });

  it('[DEV-2] a device whose agent is silent is offline, and available again after hello', async () => {
    await bench.agents('pi-a');
    await bench.expire();
    expect(await bench.deviceOf('pi-a')).toMatchObject({ state: 'offline' });
    await bench.hello('pi-a');
    expect(await bench.deviceOf('pi-a')).toMatchObject({ state: 'available', stateReason: null });
  });

  it('[DEV-2] an agent that was silent comes back with a heartbeat alone', async () => {
    await bench.agents('pi-a');
    await bench.expire();
    await bench.say('pi-a', 'up/heartbeat', { bootId: 'boot', renew: [], devices: [] });
    expect(await bench.deviceOf('pi-a')).toMatchObject({ state: 'available' });
  });

  it('[DEV-3] a retired device gives its name free and takes its waiting runs along', async () => {
    await bench.agents('pi-a');
    bench.cut('pi-a');
    await bench.job('job_00000001', { devices: ['pi-a'] });
    await bench.devices.retire('pi-a');
    await bench.settled();
    expect(await bench.states()).toEqual(['cancelled']);
    await expect(bench.devices.find('pi-a')).rejects.toMatchObject({ code: 'device.unknown' });
    expect(await bench.agentIsActive('pi-a')).toBe(false);
  });

  it('[DEV-3] a job that was about to use a retired device is refused', async () => {
    await bench.agents('pi-a');
    await bench.devices.retire('pi-a');
    const { name } = await bench.deviceOf('pi-a');
    await expect(bench.job('job_00000001', { devices: [name] })).rejects.toMatchObject({ code: 'device.unknown' });
  });

  it('[DEV-3] a device that measures cannot be retired', async () => {
    await bench.agents('pi-a');
    await bench.job('job_00000001', { devices: ['pi-a'] });
    await expect(bench.devices.retire('pi-a')).rejects.toMatchObject({ code: 'device.in-use' });
  });

  it('[DEV-7] a device is cooling while its run waits for it to cool down, then busy, then available', async () => {
    await bench.agents('pi-a');
    await bench.job('job_00000001', { devices: ['pi-a'] });
    const [run] = await bench.runs();
    const state = async () => (await bench.devices.list({}))[0]!.state;
    const says = (phase: 'cooling' | 'loading', runId = run!.id) =>
      bench.say('pi-a', 'up/live', { runId, phase, fraction: 0, sentAtMs: 0 });
    const seen: string[] = [];
    await says('cooling', 'run_of_nobody');
    seen.push(await state());
    for (const phase of ['cooling', 'loading', 'cooling'] as const) {
      await says(phase);
      seen.push(await state());
    }
    await bench.journal(
      'pi-a',
      ended({ runId: run!.id, fence: 1 }, 0, { code: 'run.crashed', message: 'crashed', cause: 'user' }),
    );
    expect([...seen, await state()]).toEqual(['busy', 'cooling', 'busy', 'cooling', 'available']);
  });

  it('[CLAIM-3] an agent of another protocol is turned away with the reason', async () => {
    await bench.agents('pi-a');
    await bench.hello('pi-a', { protocol: { min: 7, max: 8 } });
    expect(bench.told('pi-a', 'down/refused')).toEqual([
      expect.objectContaining({ code: 'wire.version', retryAfterMs: 600_000 }),
    ]);
  });

  it('[CLAIM-3] and gets no work, whatever it goes on to say', async () => {
    await bench.agents('pi-a');
    await bench.hello('pi-a', { protocol: { min: 7, max: 8 } });
    await bench.say('pi-a', 'up/heartbeat', { bootId: 'boot', renew: [], devices: [] });
    await bench.job('job_00000001', { devices: ['pi-a'] });
    expect(await bench.deviceOf('pi-a')).toMatchObject({ state: 'offline' });
    expect(await bench.states()).toEqual(['queued']);
  });

  it('[CLAIM-4] heartbeats keep a claim alive', async () => {
    await bench.agents('pi-a');
    await bench.job('job_00000001', { devices: ['pi-a'] });
    const { runId, fence } = bench.start('pi-a');
    for (let i = 0; i < 5; i++) {
      await bench.pass(20_000);
      await bench.say('pi-a', 'up/heartbeat', { bootId: 'boot', renew: [{ runId, fence }], devices: [] });
    }
    expect(await bench.states()).toEqual(['claimed']);
  });

  it('[CLAIM-5] who renews a claim it does not have is told to stop', async () => {
    await bench.agents('pi-a', 'pi-b');
    await bench.job('job_00000001', { devices: ['pi-a'] });
    const { runId, fence } = bench.start('pi-a');
    await bench.say('pi-b', 'up/heartbeat', { bootId: 'boot', renew: [{ runId, fence }], devices: [] });
    expect(bench.told('pi-b', 'down/run.cancel')).toEqual([expect.objectContaining({ runId, fence })]);
  });

  it('[CLAIM-6] after a cut the agent goes on with what it holds', async () => {
    await bench.agents('pi-a');
    await bench.job('job_00000001', { devices: ['pi-a'] });
    const { runId, fence } = bench.start('pi-a');
    await bench.journal('pi-a', started({ runId, fence }));
    bench.cut('pi-a');
    await bench.hello('pi-a', { running: [{ runId, fence }] });
    expect(welcome('pi-a')).toMatchObject({ nextSeq: 2, continue: [{ runId, fence }], abort: [] });
    expect(await bench.states()).toEqual(['running']);
  });

  it('[CLAIM-6] a start that was lost on the way is sent again under the same fence', async () => {
    await bench.agents('pi-a');
    await bench.job('job_00000001', { devices: ['pi-a'] });
    const first = bench.start('pi-a');
    bench.cut('pi-a');
    await bench.hello('pi-a');
    expect(bench.told('pi-a', 'down/run.start')).toEqual([first, first]);
  });

  it('[CLAIM-6] a run the agent has forgotten is tried again under the next fence', async () => {
    await bench.agents('pi-a');
    await bench.job('job_00000001', { devices: ['pi-a'] });
    const { deviceId, fence } = bench.start('pi-a');
    await bench.hello('pi-a', { maxFence: { [deviceId]: fence } });
    expect(bench.start('pi-a')).toMatchObject({ attempt: 2, fence: 2 });
  });

  it('[CLAIM-6] an agent that was set back begins a run anew under the next fence, not in the middle of the old attempt', async () => {
    await bench.agents('pi-a');
    await bench.job('job_00000001', { devices: ['pi-a'] });
    const first = bench.start('pi-a');
    await bench.journal('pi-a', started(first), observed(first, 0));
    await bench.hello('pi-a', { maxFence: {}, journalId: 'older' });
    expect(bench.start('pi-a')).toMatchObject({ runId: first.runId, attempt: 2, fence: 2 });
  });

  it('[CLAIM-6] while the agent has records we do not know, silence about a run proves nothing', async () => {
    await bench.agents('pi-a');
    await bench.job('job_00000001', { devices: ['pi-a'] });
    const { deviceId, fence } = bench.start('pi-a');
    await bench.hello('pi-a', { maxFence: { [deviceId]: fence }, lastSeq: 4 });
    expect(await bench.states()).toEqual(['claimed']);
  });

  it('[CLAIM-7] a lost run that its agent still works on counts again', async () => {
    await bench.agents('pi-a');
    await bench.job('job_00000001', { devices: ['pi-a'] });
    const { runId, fence } = bench.start('pi-a');
    await bench.journal('pi-a', started({ runId, fence }), observed({ runId, fence }, 0));
    await bench.expire();
    await bench.hello('pi-a', { running: [{ runId, fence }] });
    expect(welcome('pi-a').continue).toEqual([{ runId, fence }]);
    await bench.journal('pi-a', ended({ runId, fence }, 1));
    expect((await bench.runs())[0]).toMatchObject({ state: 'reporting', attempt: 1 });
  });

  it('[CLAIM-7] one that had not started yet still tells its environment', async () => {
    await bench.agents('pi-a');
    await bench.job('job_00000001', { devices: ['pi-a'] });
    const { runId, fence } = bench.start('pi-a');
    await bench.expire();
    await bench.hello('pi-a', { running: [{ runId, fence }] });
    await bench.journal('pi-a', ...wholeRun({ runId, fence }));
    expect((await bench.runs())[0]).toMatchObject({ state: 'reporting', attempt: 1, environment });
  });

  it('[CLAIM-6] what could not be handed on is sent when it can be', async () => {
    await bench.agents('pi-a');
    const send = jest.spyOn(bench.link, 'send').mockResolvedValue(false);
    await bench.job('job_00000001', { devices: ['pi-a'] });
    expect(bench.told('pi-a', 'down/run.start')).toEqual([]);
    send.mockRestore();
    bench.outbox.drain();
    await bench.settled();
    expect(bench.told('pi-a', 'down/run.start')).toHaveLength(1);
  });

  it('[CLAIM-8] a run that was cancelled meanwhile is aborted on return', async () => {
    await bench.agents('pi-a');
    await bench.job('job_00000001', { devices: ['pi-a'] });
    const { runId, fence } = bench.start('pi-a');
    await bench.journal('pi-a', started({ runId, fence }));
    bench.cut('pi-a');
    await bench.jobRuns.cancel('job_00000001', cancelledBy('ann', 'enough'));
    await bench.hello('pi-a', { running: [{ runId, fence }] });
    expect(welcome('pi-a').abort).toEqual([{ runId, fence, reason: 'cancelled by ann: enough' }]);
  });

  it('[CLAIM-9] a coordinator that starts again gives every claim its full time and forgets no run', async () => {
    await bench.agents('pi-a');
    await bench.job('job_00000001', { devices: ['pi-a'] });
    const { runId, fence } = bench.start('pi-a');
    bench = await RunBench.start(await bench.stop());
    expect(await bench.deviceOf('pi-a')).toMatchObject({ state: 'offline', currentRunId: runId });
    await bench.pass(29_000);
    expect(await bench.states()).toEqual(['claimed']);
    await bench.hello('pi-a', { running: [{ runId, fence }] });
    await bench.journal('pi-a', ...wholeRun({ runId, fence }));
    expect(await bench.states()).toEqual(['reporting']);
  });

  it('[CLAIM-9] a coordinator that was frozen itself takes no claim away for that', async () => {
    await bench.agents('pi-a');
    await bench.job('job_00000001', { devices: ['pi-a'] });
    const { runId, fence } = bench.start('pi-a');
    await bench.pass(5_000);
    await bench.freeze(60_000);
    expect(await bench.states()).toEqual(['claimed']);
    await bench.say('pi-a', 'up/heartbeat', { bootId: 'boot', renew: [{ runId, fence }], devices: [] });
    await bench.pass(29_000);
    expect(await bench.states()).toEqual(['claimed']);
    await bench.pass(2_000);
    expect(await bench.states()).toEqual(['queued']);
  });

  it('[CLAIM-10] fences of an agent that knows more than a restored database are never used twice', async () => {
    await bench.agents('pi-a');
    const device = await bench.deviceOf('pi-a');
    await bench.hello('pi-a', { maxFence: { [device.id]: 40 } });
    await bench.job('job_00000001', { devices: ['pi-a'] });
    expect(bench.start('pi-a').fence).toBe(41);
  });

  it('[DEV-4] an agent that cannot write its journal gets no more work', async () => {
    await bench.agents('pi-a');
    await bench.journal('pi-a', { type: 'agent.degraded', reason: 'no space left' });
    await bench.job('job_00000001', { devices: ['pi-a'] });
    expect(await bench.deviceOf('pi-a')).toMatchObject({ state: 'unhealthy', stateReason: 'no space left' });
    expect(await bench.states()).toEqual(['queued']);
  });
});
