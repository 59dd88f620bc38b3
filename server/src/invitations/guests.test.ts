import type { GuestSession, Invitation, InvitationCreated, Me, TokenCreated, User } from '@hilltop/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { welcomesGuests } from '../access/access.guard.js';
import { AccessService } from '../access/access.service.js';
import { controllersOf, routesOf } from '../access/routes.js';
import { AppModule } from '../app.module.js';
import { Database } from '../links/database.js';
import { startLab, type TestLab } from '../testing/start-lab.js';
import { TokenEntity } from '../tokens/token.entity.js';
import { InvitationEntity } from './invitation.entity.js';

/** All that a viewer may use and a guest may not. Whatever needs an operator or an admin a guest may not use anyway. */
const refused = [
  'GET /api/v1/artifacts/:sha256',
  'GET /api/v1/exports/observations',
  'GET /api/v1/exports/runs',
  'GET /api/v1/me/mentions',
  'GET /api/v1/system',
  'GET /api/v1/users',
  'GET /api/v1/users/:id',
  'POST /api/v1/sessions/codes',
  'POST /api/v1/sweeps/preview',
  'PUT /api/v1/me/mentions',
];

/** All that changes something or talks, and a guest may use. */
const welcomeBesidesReading = [
  'DELETE /api/v1/sessions/current',
  'EVENT point',
  'EVENT presence',
  'EVENT subscribe',
  'EVENT unsubscribe',
];

describe('guests', () => {
  let lab: TestLab;
  beforeAll(async () => {
    lab = await startLab({ env: { HILLTOP_LIMIT_LOGINS: '1000' } });
  });
  afterAll(() => lab.close());
  const as = (token: string) => ({ authorization: `Bearer ${token}` });
  const invite = async (wish: object = {}): Promise<InvitationCreated> =>
    (await lab.call('POST', '/api/v1/invitations', wish)).body as InvitationCreated;
  const enter = (code: string, again?: string) =>
    lab.call('POST', '/api/v1/sessions/guest', { code, ...(again !== undefined && { again }) }, as(''));
  const guest = async (code: string, again?: string) => (await enter(code, again)).body as GuestSession;
  const me = async (token: string) => (await lab.call('GET', '/api/v1/me', undefined, as(token))).body as Me;

  it('[GUEST-1] a link carries its code behind the path, and lets in whoever has it, as a viewer with a number', async () => {
    const { invitation, url, code } = await invite({ path: '/models/net?x=size_bytes', label: 'review' });
    expect(url).toBe(`${lab.url}/models/net?x=size_bytes#guest=${code}`);
    expect(invitation).toMatchObject({ label: 'review', createdBy: 'admin', guests: 0 });
    const first = await guest(code);
    const second = await guest(code);
    expect(first).toMatchObject({ name: 'Guest 1', path: '/models/net?x=size_bytes' });
    expect(second.name).toBe('Guest 2');
    expect(await me(first.token)).toEqual({
      tokenId: expect.any(String),
      role: 'viewer',
      guest: { name: 'Guest 1', until: first.until },
    });
  });

  it('[GUEST-2] a browser that comes again is the same guest, by the same link or another', async () => {
    const [a, b] = [await invite(), await invite()];
    const first = await guest(a.code);
    expect(await guest(a.code, first.token)).toEqual(first);
    expect(await guest(b.code, first.token)).toMatchObject({ name: first.name });
    // Whoever is no guest is not made one of theirs.
    expect((await guest(a.code, lab.adminToken)).name).not.toBe('admin');
    const { items } = (await lab.call('GET', '/api/v1/invitations')).body as { items: Invitation[] };
    expect(items.find(({ id }) => id === a.invitation.id)).toMatchObject({ guests: 2 });
    expect(JSON.stringify(items)).not.toContain(a.code);
  });

  it('[GUEST-3] what a guest may use is this and nothing else', () => {
    const open = controllersOf(AppModule)
      .flatMap(routesOf)
      .filter(({ access }) => access === 'viewer');
    const name = ({ method, path }: { method: string; path: string }) => `${method} ${path}`;
    const isWelcome = ({ method, guests }: (typeof open)[number]) => welcomesGuests(guests, method);
    expect(
      open
        .filter((route) => !isWelcome(route))
        .map(name)
        .filter((route) => !route.startsWith('EVENT'))
        .sort(),
    ).toEqual(refused);
    expect(
      open
        .filter((route) => isWelcome(route) && route.method !== 'GET')
        .map(name)
        .sort(),
    ).toEqual(welcomeBesidesReading);
  });

  it('[GUEST-3] every other route refuses a guest, whatever is sent', async () => {
    const { token } = await guest((await invite()).code);
    const routes = controllersOf(AppModule)
      .flatMap(routesOf)
      .filter(({ method, access, guests }) => {
        if (method === 'EVENT' || access === 'public') return false;
        return access !== 'viewer' || !welcomesGuests(guests, method);
      });
    expect(routes.length).toBeGreaterThan(50);
    const answers = await Promise.all(
      routes.map(async ({ method, path }) => {
        const address = path.replace(/:\w+/g, 'usr_00000000');
        const { status, body } = await lab.call(
          method,
          address,
          ['GET', 'HEAD'].includes(method) ? undefined : {},
          as(token),
        );
        // An answer to HEAD has no body.
        const code = method === 'HEAD' ? 'auth.forbidden' : (body as { code?: string }).code;
        return { route: `${method} ${path}`, status, code };
      }),
    );
    expect(answers.filter(({ status, code }) => status !== 403 || code !== 'auth.forbidden')).toEqual([]);
    for (const path of ['devices', 'models', 'jobs', 'notes', 'presence', 'leases', 'activities', 'me'])
      expect((await lab.call('GET', `/api/v1/${path}`, undefined, as(token))).status).toBe(200);
  });

  it('[GUEST-4] a link that is revoked ends its guests at once, and lets in nobody', async () => {
    const { invitation, code } = await invite();
    const { token } = await guest(code);
    const { tokenId } = await me(token);
    const heard = new Promise((resolve) => lab.app.get(AccessService).onRevoked(resolve));
    expect((await lab.call('DELETE', `/api/v1/invitations/${invitation.id}`)).status).toBe(204);
    expect(await heard).toBe(tokenId);
    expect(await me(token)).toMatchObject({ code: 'auth.revoked' });
    expect((await enter(code)).body).toMatchObject({ code: 'invitation.ended' });
    expect((await enter('x'.repeat(30))).body).toMatchObject({ code: 'invitation.ended' });
  });

  it('[GUEST-4] another operator may not end it, an admin may', async () => {
    const olga = (await lab.createToken({ kind: 'svc', role: 'operator' })).secret;
    const theirs = (await lab.call('POST', '/api/v1/invitations', {}, as(olga))).body as InvitationCreated;
    const ours = await invite();
    const end = async (id: string, token: string) =>
      (await lab.call('DELETE', `/api/v1/invitations/${id}`, undefined, as(token))).status;
    expect(await end(ours.invitation.id, olga)).toBe(403);
    expect(await end(theirs.invitation.id, lab.adminToken)).toBe(204);
    expect(await end('inv_00000000', lab.adminToken)).toBe(404);
  });

  it('[GUEST-5] a link has an end, within bounds, and leads to a page of this lab only', async () => {
    const { invitation, code } = await invite({ expiresInHours: 1 });
    expect(Date.parse(invitation.expiresAt) - Date.parse(invitation.createdAt)).toBe(3_600_000);
    expect((await guest(code)).until).toBe(invitation.expiresAt);
    await lab.app
      .get(Database)
      .write((manager) =>
        manager.update(InvitationEntity, { id: invitation.id }, { expiresAt: '2020-01-01T00:00:00.000Z' }),
      );
    expect((await enter(code)).body).toMatchObject({ code: 'invitation.ended' });
    for (const wish of [
      { expiresInHours: 0 },
      { expiresInHours: 1000 },
      { path: '//evil.example' },
      { path: 'x' },
      { path: '/\\evil' },
    ])
      expect((await lab.call('POST', '/api/v1/invitations', wish)).body).toMatchObject({ code: 'request.invalid' });
  });

  it('[GUEST-6] no code is stored as it is, and guests stand in no list of tokens', async () => {
    const { code } = await invite();
    const { token } = await guest(code);
    const rows = await lab.app.get(Database).reader.getRepository(InvitationEntity).find();
    const tokens = await lab.app.get(Database).reader.getRepository(TokenEntity).find();
    expect(JSON.stringify([rows, tokens])).not.toMatch(new RegExp(`${code}|${token}`));
    const { items } = (await lab.call('GET', '/api/v1/tokens')).body as { items: { name?: string }[] };
    expect(items.filter(({ name }) => name?.startsWith('Guest'))).toEqual([]);
  });

  it('[GUEST-7] guests off: nobody comes in, and who is in goes; only an admin says so', async () => {
    const { code } = await invite();
    const { token } = await guest(code);
    const operator = (await lab.createToken({ kind: 'svc', role: 'operator' })).secret;
    expect((await lab.call('PATCH', '/api/v1/system', { guests: false }, as(operator))).status).toBe(403);
    expect((await lab.call('PATCH', '/api/v1/system', { guests: false })).body).toMatchObject({ guests: false });
    expect(await me(token)).toMatchObject({ code: 'auth.revoked' });
    expect((await enter(code)).body).toMatchObject({ code: 'invitation.off' });
    expect((await lab.call('PATCH', '/api/v1/system', { guests: true })).body).toMatchObject({ guests: true });
    expect((await enter(code)).status).toBe(201);
  });

  it('[SET-1] a user gets another role, or goes with every token; the last admin stays', async () => {
    const mira = (await lab.call('POST', '/api/v1/users', { name: 'Mira', role: 'viewer' })).body as User;
    const { secret } = (await lab.call('POST', '/api/v1/tokens', { kind: 'usr', userId: mira.id }))
      .body as TokenCreated;
    const owner = ((await me(lab.adminToken)).user as User).id;
    const call = async (method: string, id: string, body?: object, token = lab.adminToken) =>
      (await lab.call(method, `/api/v1/users/${id}`, body, as(token))).body;
    expect(await call('PATCH', owner, { role: 'viewer' })).toMatchObject({ code: 'user.last-admin' });
    expect(await call('DELETE', owner)).toMatchObject({ code: 'user.last-admin' });
    expect(await call('PATCH', mira.id, { role: 'operator' })).toMatchObject({ name: 'Mira', role: 'operator' });
    expect(await me(secret)).toMatchObject({ role: 'operator' });
    expect(await call('PATCH', mira.id, { role: 'admin' }, secret)).toMatchObject({ code: 'auth.forbidden' });
    expect(await call('PATCH', mira.id, { name: 'admin' })).toMatchObject({ code: 'request.conflict' });
    await call('DELETE', mira.id);
    expect(await me(secret)).toMatchObject({ code: 'auth.revoked' });
    expect(await call('DELETE', mira.id)).toMatchObject({ code: 'request.not-found' });
  });

  it('[SET-2] the system tells what it has counted and measured', async () => {
    const { body } = await lab.call('GET', '/api/v1/system');
    expect(body).toMatchObject({
      node: process.version,
      dataDir: lab.dataDir,
      counts: { models: 0, runs: 0 },
      guests: true,
    });
    expect((body as { dataBytes: number }).dataBytes).toBeGreaterThan(10_000);
  });
});
