import { protocolOf } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RunEntity } from './run.entity.js';
import { wholeRun } from './testing/events.js';
import { RunBench } from './testing/run-bench.js';

describe('repetition of disturbed runs', () => {
  let bench: RunBench;
  beforeEach(async () => {
    bench = await RunBench.start();
    await bench.model(['fp32', 'int8']);
    await bench.agents('pi-a');
    await bench.job('job_00000001', { devices: ['pi-a'] });
    await bench.database.write((manager) =>
      manager.update(RunEntity, { jobId: 'job_00000001' }, { protocol: { ...protocolOf('standard'), repeats: 2 } }),
    );
  });
  afterEach(() => bench.close());

  /** The held run's agent reports; its summary calls it disturbed. */
  const disturb = async (): Promise<string> => {
    const start = bench.start('pi-a');
    await bench.journal('pi-a', ...wholeRun(start));
    await bench.ledger.write('summary', async (entry) => {
      const run = (await entry.run(start.runId))!;
      await entry.repeat(run);
      await entry.finish(run, await entry.current(run), 'succeeded', {});
    });
    await bench.settled();
    return start.runId;
  };
  const told = async () => (await bench.runs()).map(({ recipe, state, repeatOf }) => [recipe, state, repeatOf]);

  it('[RUN-14] a disturbed run stays and is done again behind what waits, so often as its protocol says; its job ends with the last', async () => {
    const first = await disturb();
    expect(await told()).toEqual([
      ['fp32', 'succeeded', null],
      ['int8', 'claimed', null],
      ['fp32', 'queued', first],
    ]);
    const second = await disturb();
    const again = await disturb();
    await disturb();
    expect((await bench.jobRow('job_00000001')).state).toBe('running');
    const last = await disturb();
    expect((await bench.runs()).find((run) => run.id === last)!.repeatOf).toBe(again);
    await disturb();
    expect(await told()).toEqual([
      ['fp32', 'succeeded', null],
      ['int8', 'succeeded', null],
      ['fp32', 'succeeded', first],
      ['int8', 'succeeded', second],
      ['fp32', 'succeeded', again],
      ['int8', 'succeeded', expect.any(String)],
    ]);
    expect((await bench.jobRow('job_00000001')).state).toBe('succeeded');
  });

  it('[RUN-14] a job may ask for another number than its protocol has', () => {
    expect([protocolOf('standard').repeats, protocolOf('standard', { repeats: 0 }).repeats]).toEqual([2, 0]);
  });

  it('[RUN-14] one that is to stop is not', async () => {
    const start = bench.start('pi-a');
    await bench.ledger.write('cancel', async (entry) => {
      const run = (await entry.run(start.runId))!;
      await entry.cancel(run, { code: 'run.cancelled', message: 'enough', cause: 'user' });
      await entry.repeat(run);
    });
    expect(await told()).toHaveLength(2);
  });
});
