import {
  type Problem,
  type Reservation,
  Reservation as ReservationSchema,
  type TokenCreated,
  type User,
} from '@hilltop/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DeviceEntity } from '../devices/device.entity.js';
import { Database } from '../links/database.js';
import { startLab, type TestLab } from '../testing/start-lab.js';

describe('/api/v1/leases', () => {
  let lab: TestLab;
  const tokens: Record<string, string> = {};
  beforeAll(async () => {
    lab = await startLab();
    for (const [name, role] of [
      ['Ana', 'operator'],
      ['Mira', 'operator'],
      ['Gast', 'viewer'],
    ]) {
      const user = (await lab.call('POST', '/api/v1/users', { name, role })).body as User;
      const { secret }: TokenCreated = await lab.createToken({ kind: 'usr', userId: user.id });
      tokens[name!] = secret;
    }
    const facts = { cpuFeatures: [], cores: 2, memoryBytes: 1, arch: 'x64', os: 'test', runtimes: [], evidence: [] };
    await lab.app.get(Database).write((manager) =>
      manager.insert(DeviceEntity, {
        id: 'dev_00000001',
        agentId: 'agent-1',
        key: 'host',
        name: 'pi',
        kind: 'host',
        type: 'bench',
        emulated: false,
        agentVersion: '1',
        reportedLabels: {},
        ownLabels: {},
        state: 'available',
        facts,
        createdAt: '2026-01-01T00:00:00.000Z',
      }),
    );
  }, 60_000);
  afterAll(() => lab.close());

  const as = async (name: string, method: string, path: string, body?: unknown) => {
    const answer = await lab.call(method, `/api/v1/leases${path}`, body, { authorization: `Bearer ${tokens[name]}` });
    return { status: answer.status, body: answer.body as Reservation & Problem & { items: Reservation[] } };
  };
  const wish = { selector: { devices: ['pi'] }, forSeconds: 600 };

  it('[LEASE-20] [LEASE-12] viewers read, operators command, admins force, each with the revision they saw', async () => {
    expect(await as('Gast', 'POST', '', wish)).toMatchObject({ status: 403, body: { code: 'auth.forbidden' } });
    const held = await as('Ana', 'POST', '', wish);
    expect(held).toMatchObject({ status: 201, body: { state: 'held', deviceName: 'pi', holder: { name: 'Ana' } } });
    expect(ReservationSchema.parse(held.body)).toEqual(held.body);
    const { id } = held.body;
    const queued = await as('Mira', 'POST', '', wish);
    expect(queued).toMatchObject({ status: 201, body: { state: 'queued', place: 1 } });
    expect((await as('Gast', 'GET', '?device=pi')).body.items.map(({ holder }) => holder.name)).toEqual([
      'Mira',
      'Ana',
    ]);
    expect((await as('Gast', 'GET', `/${queued.body.id}`)).body).toEqual(queued.body);

    let { revision } = held.body;
    const command = async (name: string, verb: string, body: object = {}) => {
      const answer = await as(name, 'POST', `/${id}/${verb}`, { revision, ...body });
      if (answer.status === 200) revision = answer.body.revision;
      return answer.body.code ?? answer.body.holder.name;
    };
    expect(await command('Ana', 'extend', { forSeconds: 600 })).toBe('Ana');
    expect(await command('Mira', 'extend', { forSeconds: 600, revision: 1 })).toBe('lease.changed');
    expect(await command('Mira', 'ask')).toBe('Ana');
    expect(await command('Ana', 'answer', { answer: 'no' })).toBe('Ana');
    expect(await command('Ana', 'handover', { to: 'Gast' })).toBe('auth.forbidden');
    expect(await command('Ana', 'handover', { to: 'nobody' })).toBe('request.not-found');
    expect(await command('Ana', 'handover', { to: 'Mira' })).toBe('Mira');
    expect((await as('Mira', 'GET', `/${queued.body.id}`)).body.ended?.reason).toBe('fulfilled');
    expect(await command('Mira', 'force', { reason: 'because' })).toBe('auth.forbidden');
    const forced = await lab.call('POST', `/api/v1/leases/${id}/force`, { revision, reason: 'fire drill' });
    expect(forced).toMatchObject({ status: 200, body: { forced: { by: 'admin', reason: 'fire drill' } } });
    revision += 1;
    expect(await command('Ana', 'release')).toBe('lease.not-yours');
    expect(await command('Mira', 'release')).toBe('Mira');
    expect(await as('Mira', 'POST', `/${id}/take`, { revision })).toMatchObject({
      status: 409,
      body: { code: 'lease.ended', details: { reservation: { id, state: 'ended' } } },
    });
  }, 60_000);

  it('[LEASE-18] [LEASE-20] what cannot be is refused with its code', async () => {
    const codes = await Promise.all(
      [
        { ...wish, selector: {} },
        { ...wish, selector: { devices: ['nowhere'] } },
        { ...wish, selector: { labels: { site: 'moon' } } },
        { ...wish, forSeconds: 86_401 },
        { ...wish, forSeconds: 1 },
        { ...wish, force: { reason: 'mine' } },
      ].map(async (body) => (await as('Ana', 'POST', '', body)).body.code),
    );
    expect(codes).toEqual([
      'request.invalid',
      'device.unknown',
      'device.none-match',
      'lease.too-long',
      'request.invalid',
      'auth.forbidden',
    ]);
    expect((await as('Ana', 'GET', '/rsv_00000000')).body.code).toBe('lease.unknown');
    expect((await as('Ana', 'POST', '/rsv_00000000/release', { revision: 1 })).body.code).toBe('lease.unknown');
  }, 60_000);
});
