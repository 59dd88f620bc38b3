import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Session, TokenCreated } from '@hilltop/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AccessService } from '../access/access.service.js';
import { Database } from '../links/database.js';
import { startLab, type TestLab } from '../testing/start-lab.js';
import { TokenEntity } from '../tokens/token.entity.js';
import { SignInCodes } from './sign-in-codes.js';

describe('people and tokens', () => {
  let lab: TestLab;
  beforeAll(async () => {
    lab = await startLab();
  });
  afterAll(() => lab.close());
  const as = (token: string) => ({ authorization: `Bearer ${token}` });
  const code = async (): Promise<string> =>
    ((await lab.call('POST', '/api/v1/sessions/codes')).body as { code: string }).code;

  it('[AUTH-3] the printed address signs the first user in once', async () => {
    const printed = lab.listening.signInUrl.split('#code=')[1];
    const first = await lab.call('POST', '/api/v1/sessions', { code: printed }, as(''));
    expect(first).toMatchObject({
      status: 201,
      body: { token: expect.stringMatching(/^hlt_usr_/), user: { name: 'admin', role: 'admin' } },
    });
    expect((await lab.call('POST', '/api/v1/sessions', { code: printed })).body).toMatchObject({
      code: 'auth.code-invalid',
      status: 401,
    });
    const { token, user } = first.body as Session;
    expect((await lab.call('GET', '/api/v1/me', undefined, as(token))).body).toEqual({
      user,
      role: 'admin',
      tokenId: expect.any(String),
    });
  });

  it('[AUTH-3] a code is good for 15 minutes', () => {
    let now = 0;
    const codes = new SignInCodes(() => now);
    const [early, late] = [codes.mint('usr_a'), codes.mint('usr_a')];
    now = 15 * 60 * 1000 - 1;
    expect(codes.redeem(early.code)).toBe('usr_a');
    now += 1;
    expect(codes.redeem(late.code)).toBeUndefined();
  });

  it('[AUTH-4] the address a request comes from grants nothing', async () => {
    for (const path of ['/api/v1/me', '/api/v1/users', '/api/v1/tokens', '/api/v1/agents']) {
      expect((await lab.call('GET', path, undefined, as(''))).body).toMatchObject({
        code: 'auth.missing',
        status: 401,
      });
    }
  });

  it('[AUTH-5] bad, unknown, expired and revoked tokens are told apart', async () => {
    const { secret, token } = await lab.createToken({ kind: 'svc', role: 'admin' });
    const me = async (bearer: string) =>
      (await lab.call('GET', '/api/v1/me', undefined, as(bearer))).body as { code?: string; role?: string };
    expect(await me(secret)).toMatchObject({ role: 'admin' });
    expect(await me(`${secret.slice(0, -1)}${secret.endsWith('x') ? 'y' : 'x'}`)).toMatchObject({
      code: 'auth.malformed',
    });
    const { mintSecret } = await import('../access/token-secret.js');
    expect(await me(mintSecret('usr'))).toMatchObject({ code: 'auth.unknown' });
    expect(await me((await lab.createToken({ kind: 'join' })).secret.split('.')[0]!)).toMatchObject({
      code: 'auth.forbidden',
    });
    await lab.call('DELETE', `/api/v1/tokens/${token.id}`);
    expect(await me(secret)).toMatchObject({ code: 'auth.revoked' });
    const old = await lab.createToken({ kind: 'svc', ttlSeconds: 10 });
    await lab.app
      .get(Database)
      .write((manager) => manager.update(TokenEntity, { id: old.token.id }, { expiresAt: '2020-01-01T00:00:00.000Z' }));
    expect(await me(old.secret)).toMatchObject({ code: 'auth.expired' });
  });

  it('[AUTH-6] a role allows what it allows and nothing above', async () => {
    const { secret: viewer } = await lab.createToken({ kind: 'svc', role: 'viewer' });
    const { secret: operator } = await lab.createToken({ kind: 'svc', role: 'operator' });
    const status = async (token: string, method: string, path: string, body?: unknown) =>
      (await lab.call(method, path, body, as(token))).status;
    expect(await status(viewer, 'GET', '/api/v1/users')).toBe(200);
    expect(await status(viewer, 'GET', '/api/v1/tokens')).toBe(403);
    expect(await status(viewer, 'POST', '/api/v1/tokens', { kind: 'join' })).toBe(403);
    expect(await status(operator, 'POST', '/api/v1/tokens', { kind: 'join' })).toBe(201);
    expect(await status(operator, 'POST', '/api/v1/tokens', { kind: 'svc', role: 'admin' })).toBe(403);
    expect(await status(operator, 'POST', '/api/v1/users', { name: 'Eve', role: 'admin' })).toBe(403);
    expect(await status(operator, 'POST', '/api/v1/sessions/codes')).toBe(403);
  });

  it('[AUTH-6] nobody makes a token for another user but an admin', async () => {
    const user = (await lab.call('POST', '/api/v1/users', { name: 'Olga', role: 'operator' })).body as { id: string };
    const { secret } = (await lab.call('POST', '/api/v1/tokens', { kind: 'usr', userId: user.id }))
      .body as TokenCreated;
    const admin = (await lab.call('GET', '/api/v1/me')).body as { user: { id: string } };
    expect(
      (await lab.call('POST', '/api/v1/tokens', { kind: 'usr', userId: admin.user.id }, as(secret))).body,
    ).toMatchObject({ code: 'auth.forbidden' });
    expect((await lab.call('POST', '/api/v1/tokens', { kind: 'usr' }, as(secret))).body).toMatchObject({
      token: { user: { name: 'Olga' } },
    });
    const own = (await lab.call('GET', '/api/v1/tokens', undefined, as(secret))).body as {
      items: Array<{ user?: { name: string } }>;
    };
    expect(new Set(own.items.map((token) => token.user?.name))).toEqual(new Set(['Olga']));
  });

  it('[AUTH-7] a revocation is announced at once', async () => {
    const { token } = await lab.createToken({ kind: 'svc' });
    const heard = new Promise((resolve) => lab.app.get(AccessService).onRevoked(resolve));
    await lab.call('DELETE', `/api/v1/tokens/${token.id}`);
    expect(await heard).toBe(token.id);
  });

  it('[AUTH-8] signing in is tried a few times a minute, and success does not count', async () => {
    for (let i = 0; i < 8; i++)
      expect((await lab.call('POST', '/api/v1/sessions', { code: await code() })).status).toBe(201);
    const tries = [];
    for (let i = 0; i < 7; i++) tries.push(await lab.call('POST', '/api/v1/sessions', { code: 'x'.repeat(24) }));
    const refused = tries.at(-1)!;
    expect(refused.body).toMatchObject({ code: 'request.rate-limited', status: 429 });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('[AUTH-2] no secret is in the database or readable by others', async () => {
    await lab.call('GET', '/readyz');
    const bytes = ['hilltop.db', 'hilltop.db-wal']
      .map((name) => readFileSync(join(lab.dataDir, name)).toString('latin1'))
      .join('');
    expect(bytes).not.toMatch(/hlt_(usr|svc|join)_/);
    for (const name of ['admin-token', 'lab-key.pem'])
      expect(statSync(join(lab.dataDir, name)).mode & 0o777).toBe(0o600);
    expect(statSync(lab.dataDir).mode & 0o077).toBe(0);
  });
});
