import { Device, DeviceHealth, HealthCheck, Job } from '@hilltop/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ownerOf } from '../access/actor.js';
import { DeviceEntity } from '../devices/device.entity.js';
import { JobEntity } from '../jobs/job.entity.js';
import { JobService } from '../jobs/job.service.js';
import { Database } from '../links/database.js';
import { startLab, type TestLab } from '../testing/start-lab.js';

describe('health over the API', () => {
  let lab: TestLab;
  let viewer: Record<string, string>;

  beforeAll(async () => {
    lab = await startLab();
    const at = '2026-01-01T00:00:00.000Z';
    const facts = { cpuFeatures: [], cores: 2, memoryBytes: 1, arch: 'x64', os: 'test', runtimes: [], evidence: [] };
    await lab.app.get(Database).write((manager) =>
      manager.insert(DeviceEntity, {
        ...{ id: 'dev_00000001', agentId: 'agent-a', key: 'host', name: 'pi', kind: 'host', type: 'bench' },
        ...{ emulated: false, agentVersion: '1', reportedLabels: {}, ownLabels: {}, state: 'offline', facts },
        createdAt: at,
      }),
    );
    const { secret } = await lab.createToken({ kind: 'svc', role: 'viewer', name: 'looker' });
    viewer = { authorization: `Bearer ${secret}` };
  }, 60_000);
  afterAll(() => lab?.close(), 60_000);

  it('[HEALTH-1] [HEALTH-8] a check is a job of a model in no list; asked twice it is the same one', async () => {
    const path = '/api/v1/devices/pi/check';
    expect((await lab.call('POST', path, {}, viewer)).status).toBe(403);
    const check = HealthCheck.parse((await lab.call('POST', path, {})).body);
    expect(check).toMatchObject({ state: 'waiting', deviceId: 'dev_00000001' });
    expect(HealthCheck.parse((await lab.call('POST', path, {})).body).id).toBe(check.id);
    expect((await lab.call('GET', '/api/v1/models')).body).toEqual({ items: [] });
    const job = Job.parse((await lab.call('GET', `/api/v1/jobs/${check.jobId}`)).body);
    expect(job).toMatchObject({ name: 'health check', priority: 0 });
    const health = DeviceHealth.parse((await lab.call('GET', '/api/v1/devices/pi/health', undefined, viewer)).body);
    expect(health.checks).toEqual([{ ...check, runId: expect.any(String) }]);
  }, 60_000);

  it('[HEALTH-5] [HEALTH-8] takes a device out with a reason, and puts it back', async () => {
    const path = '/api/v1/devices/pi/quarantine';
    expect((await lab.call('POST', path, { reason: 'hot' }, viewer)).status).toBe(403);
    expect((await lab.call('POST', path, { reason: ' ' })).status).toBe(400);
    const out = Device.parse((await lab.call('POST', path, { reason: 'hot' })).body);
    expect(out.quarantine).toMatchObject({ reason: 'hot', by: 'admin' });
    expect(Device.parse((await lab.call('DELETE', path)).body).quarantine).toBeUndefined();
    expect((await lab.call('POST', '/api/v1/devices/nobody/quarantine', { reason: 'hot' })).status).toBe(404);
  }, 60_000);

  it('[QUEUE-11] a job joins the transaction it is made in, and is gone when that fails', async () => {
    const [database, jobs] = [lab.app.get(Database), lab.app.get(JobService)];
    const actor = { tokenId: 'tok_00000001', role: 'operator' as const, name: 'nightly' };
    const wish = {
      ...{ model: 'hilltop canary 1', recipes: ['fp32'], selector: { devices: ['pi'], labels: {} } },
      ...{ protocol: 'quick' as const, official: false, settings: [{ threads: 1, graphLevel: 'all' as const }] },
    };
    const origin = { sweepId: 'swp_00000001', priority: 3 };
    const rows = () => database.reader.getRepository(JobEntity).findBy({ sweepId: origin.sweepId });
    const failing = database.write(async () => {
      await jobs.create(actor, wish, origin);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await rows()).toEqual([]);
    const job = await database.write(() => jobs.create(actor, { ...wish, replicates: 2 }, origin));
    expect(job).toMatchObject({ ...origin, replicates: 2, counts: { queued: 2 } });
    expect(await rows()).toMatchObject([{ owner: ownerOf(actor), createdBy: 'nightly' }]);
  }, 60_000);
});
