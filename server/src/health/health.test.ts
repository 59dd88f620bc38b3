import { afterEach, describe, expect, it } from '@jest/globals';
import { readConfig } from '../config.js';
import { Database } from '../links/database.js';
import { startLab, type TestLab } from '../testing/start-lab.js';

describe('health', () => {
  let lab: TestLab | undefined;
  afterEach(() => lab?.close());

  it('[HTTP-11] a lab whose database hangs is alive, not ready, and takes no more from people', async () => {
    const { limits } = readConfig([], {});
    lab = await startLab({ config: { limits: { ...limits, queuedWrites: 1 } } });
    expect((await lab.call('GET', '/readyz')).status).toBe(200);
    let free = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      free = resolve;
    });
    const database = lab.app.get(Database);
    const stuck = [database.write(() => held), database.write(() => undefined)];
    expect((await lab.call('GET', '/healthz')).status).toBe(200);
    const [ready, refused] = await Promise.all([
      lab.call('GET', '/readyz'),
      lab.call('POST', '/api/v1/users', { name: 'x', role: 'viewer' }),
    ]);
    expect(ready).toMatchObject({
      status: 503,
      body: { code: 'lab.overloaded', details: { faults: [expect.stringContaining('database')] } },
    });
    expect(refused).toMatchObject({ status: 503, body: { code: 'lab.overloaded' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    const waiting = database.writerQueueLength;
    await Promise.all(Array.from({ length: 5 }, () => lab!.call('GET', '/readyz')));
    expect(database.writerQueueLength).toBe(waiting);
    free();
    await Promise.all(stuck);
    expect((await lab.call('POST', '/api/v1/users', { name: 'x', role: 'viewer' })).status).toBe(201);
  });

  it('[AUTH-4] where others can connect, only health and the way in are open', async () => {
    lab = await startLab({ args: ['--listen', '0.0.0.0'] });
    const status = async (path: string) => (await lab!.call('GET', path, undefined, { authorization: '' })).status;
    expect(await Promise.all(['/healthz', '/readyz', '/api/v1/lab', '/api/v1/lab/key'].map(status))).toEqual([
      200, 200, 200, 200,
    ]);
    expect(await Promise.all(['/metrics', '/api/v1/me', '/api/v1/users', '/api/v1/agents'].map(status))).toEqual([
      401, 401, 401, 401,
    ]);
    expect((await lab.call('GET', '/metrics')).status).toBe(200);
  });
});
