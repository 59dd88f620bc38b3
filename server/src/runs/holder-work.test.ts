import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { JobEntity } from '../jobs/job.entity.js';
import { holderWork } from './holder-work.js';
import { RunBench } from './testing/run-bench.js';

describe('work of holders', () => {
  let bench: RunBench;
  beforeEach(async () => {
    bench = await RunBench.start();
    await bench.model(['fp32', 'int8']);
    await bench.agents('agent-a');
  });
  afterEach(() => bench.close());

  it('[LEASE-4] [LEASE-7] is told by owner and device: what waits, and what measures', async () => {
    const { id: deviceId } = await bench.deviceOf('agent-a');
    const work = (owner: string) =>
      holderWork(bench.database.reader.manager, [{ owner, deviceId }]).then((all) =>
        all.map((one) => [one.owner, one.deviceId, one.state]).sort(),
      );
    expect(await work('usr_00000001')).toEqual([]);
    await bench.job('job_00000001', { devices: ['agent-a'] });
    await bench.database.write((manager) =>
      manager.update(JobEntity, { id: 'job_00000001' }, { owner: 'usr_00000001' }),
    );
    expect(await work('usr_00000001')).toEqual([
      ['usr_00000001', deviceId, 'running'],
      ['usr_00000001', deviceId, 'waiting'],
    ]);
    expect(await work('usr_00000002')).toEqual([]);
  });
});
