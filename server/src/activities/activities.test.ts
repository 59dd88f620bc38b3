import { type Activity, activities, type TokenCreated, type User } from '@hilltop/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { controllersOf, routesOf } from '../access/routes.js';
import { AppModule } from '../app.module.js';
import { startLab, type TestLab } from '../testing/start-lab.js';

/** Mutating routes that tell nobody anything: sessions, the bytes of what is told when it is used, and what is told elsewhere. */
const unremarkable = [
  'POST /api/v1/agents',
  'POST /api/v1/sessions',
  'POST /api/v1/sessions/codes',
  'POST /api/v1/sessions/guest',
  'PUT /api/v1/me/mentions',
  'DELETE /api/v1/sessions/current',
  'POST /api/v1/uploads',
  'PATCH /api/v1/uploads/:id',
  'POST /api/v1/sweeps/preview',
  'POST /api/v1/subscriptions/:id/test',
  // The transcript has it.
  'POST /api/v1/devices/:id/console/ask',
  'POST /api/v1/devices/:id/console/drop',
  'POST /api/v1/devices/:id/console/type',
];

describe('activities', () => {
  let lab: TestLab;
  beforeAll(async () => {
    lab = await startLab();
  });
  afterAll(() => lab.close());

  const list = async (query = ''): Promise<Activity[]> =>
    ((await lab.call('GET', `/api/v1/activities${query}`)).body as { items: Activity[] }).items;

  it('[ACT-1] every route that changes something is told, or is known to be nothing to tell', () => {
    const mutating = controllersOf(AppModule)
      .flatMap(routesOf)
      .filter(({ method }) => ['POST', 'PUT', 'PATCH', 'DELETE'].includes(method))
      .map(({ method, path }) => `${method} ${path}`);
    const told = new Set([...Object.keys(activities), ...unremarkable]);
    expect(mutating.filter((route) => !told.has(route))).toEqual([]);
    expect([...told].filter((route) => !mutating.includes(route))).toEqual([]);
  });

  it('[ACT-2] who did what to what is kept, newest first, with secrets left out', async () => {
    const user = (await lab.call('POST', '/api/v1/users', { name: 'Ana', role: 'operator' })).body as User;
    const made = (await lab.call('POST', '/api/v1/tokens', { kind: 'usr', userId: user.id, name: 'laptop' }))
      .body as TokenCreated;
    const [token, added] = await list();
    expect(added).toMatchObject({ did: 'added a user', object: { kind: 'user', id: user.id, name: 'Ana' } });
    expect(token).toMatchObject({ did: 'made a token', object: { kind: 'token', id: made.token.id, name: 'laptop' } });
    expect(JSON.stringify(await list())).not.toContain(made.secret);
    expect((await list(`?object=${user.id}`)).map(({ did }) => did)).toEqual(['added a user']);
  });

  it('[ACT-3] what was refused, read or repeated adds nothing', async () => {
    const before = await list();
    await lab.call('GET', '/api/v1/devices');
    await lab.call('POST', '/api/v1/users', { name: 'Ana', role: 'operator' });
    await lab.call('POST', '/api/v1/users', { name: '', role: 'operator' });
    expect(await list()).toEqual(before);
    const once = { name: 'Mira', role: 'viewer' };
    const key = { 'idempotency-key': 'one' };
    await lab.call('POST', '/api/v1/users', once, key);
    await lab.call('POST', '/api/v1/users', once, key);
    expect((await list()).length).toBe(before.length + 1);
  });
});
