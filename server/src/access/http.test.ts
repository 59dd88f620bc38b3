import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Problem } from '@hilltop/contracts';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startLab, type TestLab } from '../testing/start-lab.js';

describe('the door of the HTTP port', () => {
  let lab: TestLab;
  beforeAll(async () => {
    lab = await startLab();
  });
  afterAll(() => lab.close());

  /** Raw, since fetch sets Host and Origin by itself. */
  const raw = (
    method: string,
    path: string,
    headers: Record<string, string>,
  ): Promise<{ status: number; code: unknown; headers: NodeJS.Dict<string | string[]> }> =>
    new Promise((resolve, reject) => {
      const { port } = lab.app.getHttpServer().address() as AddressInfo;
      const asked = request({ host: '127.0.0.1', port, method, path, headers }, (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => {
          const problem = response.headers['content-type']?.startsWith('application/problem+json')
            ? Problem.parse(JSON.parse(text))
            : undefined;
          resolve({ status: response.statusCode!, code: problem?.code, headers: response.headers });
        });
      });
      asked.on('upgrade', (response, socket) => {
        socket.destroy();
        resolve({ status: response.statusCode!, code: undefined, headers: response.headers });
      });
      asked.on('error', reject);
      asked.end();
    });
  const port = () => new URL(lab.url).port;

  it.each(['evil.test', 'evil.test:7070', '127.0.0.1.evil.test', 'localhost@evil.test', '', 'LOCALHOST.evil.test'])(
    '[HTTP-1] Host %p is not this lab',
    async (host) => {
      expect(await raw('GET', '/healthz', { host })).toMatchObject(
        host === '' ? { status: expect.any(Number) } : { status: 421, code: 'request.host-not-allowed' },
      );
    },
  );

  it('[HTTP-1] loopback names are', async () => {
    for (const host of ['localhost', 'LOCALHOST:1', '127.0.0.1:9', '[::1]:7070'])
      expect((await raw('GET', '/healthz', { host })).status).toBe(200);
  });

  it('[HTTP-2] a page of another address may not change anything', async () => {
    const authorization = `Bearer ${lab.adminToken}`;
    for (const origin of ['http://evil.test', 'null', `http://localhost:1`, 'file://']) {
      expect(
        await raw('POST', '/api/v1/sessions/codes', { origin, authorization, host: `localhost:${port()}` }),
      ).toMatchObject({ status: 403, code: 'request.origin-not-allowed' });
    }
    expect(
      (
        await raw('POST', '/api/v1/sessions/codes', {
          origin: `http://localhost:${port()}`,
          authorization,
          host: `localhost:${port()}`,
        })
      ).status,
    ).toBe(201);
    const preflight = await raw('OPTIONS', '/api/v1/tokens', {
      origin: 'http://evil.test',
      'access-control-request-method': 'POST',
    });
    expect(preflight.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('[HTTP-2] nor may it open a socket, for MQTT or Socket.IO', async () => {
    const upgrade = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    };
    expect((await raw('GET', '/mqtt', { ...upgrade, origin: 'http://evil.test' })).status).toBe(403);
    expect((await raw('GET', '/mqtt', { ...upgrade, host: 'evil.test' })).status).toBe(421);
    expect((await raw('GET', '/elsewhere', upgrade)).status).toBe(404);
    expect((await raw('GET', '/socket.iox', upgrade)).status).toBe(404);
    expect((await raw('GET', '/mqtt', upgrade)).status).toBe(101);
  });

  it('[HTTP-3] every answer has the security headers', async () => {
    const { headers } = await raw('GET', '/healthz', {});
    expect(headers).toMatchObject({
      'content-security-policy': expect.stringContaining("default-src 'self'"),
      'x-content-type-options': 'nosniff',
      'x-request-id': expect.stringMatching(/^[0-9a-z]{16}$/),
    });
    expect(headers['x-powered-by']).toBeUndefined();
  });

  it('[HTTP-4] every failure is a problem with a code', async () => {
    const json = { 'content-type': 'application/json' };
    const post = async (body: string) => {
      const response = await fetch(`${lab.url}/api/v1/sessions`, { method: 'POST', body, headers: json });
      return [response.status, Problem.parse(await response.json()).code];
    };
    expect(await post('{')).toEqual([400, 'request.invalid']);
    expect(await post('{}')).toEqual([400, 'request.invalid']);
    expect(await post('null')).toEqual([400, 'request.invalid']);
    expect(await post(`{"code":"${'x'.repeat(2_000_000)}"}`)).toEqual([413, 'request.too-large']);
    expect(await raw('GET', '/api/v1/nothing', {})).toMatchObject({ status: 404, code: 'request.not-found' });
    expect(await raw('GET', '/agent.tgz', {})).toMatchObject({ status: expect.any(Number) });
  });

  it('[HTTP-5] a filter that is an object harms nothing', async () => {
    for (const query of [
      '?name[x]=1',
      '?limit[x]=1',
      '?cursor[__proto__][x]=1',
      '?limit=1&limit=2',
      '?cursor=%00',
      `?cursor=${Buffer.from('["a\\u0000","b"]').toString('base64url')}`,
      '?cursor=e30',
    ]) {
      const { status } = await lab.call('GET', `/api/v1/users${query}`);
      expect([query, status < 500]).toEqual([query, true]);
    }
    expect((await lab.call('GET', '/readyz')).status).toBe(200);
  });

  it('[HTTP-6] a POST with an Idempotency-Key is executed once', async () => {
    const key = { 'idempotency-key': 'k1' };
    const wish = { name: 'Once', role: 'viewer' };
    const both = await Promise.all([
      lab.call('POST', '/api/v1/users', wish, key),
      lab.call('POST', '/api/v1/users', wish, key),
    ]);
    const again = await lab.call('POST', '/api/v1/users', wish, key);
    expect([both[1], again].map(({ status, body }) => ({ status, body }))).toEqual(
      [both[0], both[0]].map(({ status, body }) => ({ status, body })),
    );
    expect(both[0].status).toBe(201);
    expect((await lab.call('POST', '/api/v1/users', { ...wish, role: 'admin' }, key)).body).toMatchObject({
      status: 422,
      code: 'request.idempotency-mismatch',
    });
  });

  it('[HTTP-6] a repetition after a stop between the deed and the answer does not do it again', async () => {
    const { Database } = await import('../links/database.js');
    const { IdempotencyEntity } = await import('./idempotency.entity.js');
    const database = lab.app.get(Database);
    const wish = { name: 'Stopped', role: 'viewer' };
    // The stop: the answer is never stored.
    const write = database.write.bind(database);
    const stopped = jest.spyOn(database, 'write').mockImplementation((fn, options) => {
      if (options?.label === 'idempotency') throw new Error('the lab was killed');
      return write(fn, options);
    });
    expect((await lab.call('POST', '/api/v1/users', wish, { 'idempotency-key': 'k3' })).status).toBe(500);
    stopped.mockRestore();
    expect(await database.reader.getRepository(IdempotencyEntity).countBy({ status: 0 })).toBe(1);
    expect((await lab.call('POST', '/api/v1/users', wish, { 'idempotency-key': 'k3' })).body).toMatchObject({
      status: 409,
      code: 'request.conflict',
    });
    expect(await database.reader.getRepository(IdempotencyEntity).countBy({ status: 0 })).toBe(1);
  });

  it('[HTTP-6] an answer with a secret is repeated but not stored', async () => {
    const first = await lab.call('POST', '/api/v1/tokens', { kind: 'svc' }, { 'idempotency-key': 'k2' });
    const second = await lab.call('POST', '/api/v1/tokens', { kind: 'svc' }, { 'idempotency-key': 'k2' });
    expect(second.body).toEqual(first.body);
    const { Database } = await import('../links/database.js');
    const rows: unknown = await lab.app.get(Database).reader.query('SELECT * FROM idempotency');
    expect(JSON.stringify(rows)).not.toMatch(/hlt_/);
  });

  it('[HTTP-7] /metrics names requests by route and channels by name', async () => {
    const { body } = await lab.call('GET', '/metrics');
    expect(body).toMatch(
      /hilltop_http_request_duration_seconds_count\{route="\/api\/v1\/users",method="POST",status="201"\} 3/,
    );
    expect(body).toMatch(/hilltop_mqtt_clients 0/);
  });
});
