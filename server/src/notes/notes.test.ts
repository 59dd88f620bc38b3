import type { Mentions, Note, TokenCreated, User } from '@hilltop/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DeviceEntity } from '../devices/device.entity.js';
import { Database } from '../links/database.js';
import { startLab, type TestLab } from '../testing/start-lab.js';

const at = '2026-01-01T00:00:00.000Z';

describe('notes', () => {
  let lab: TestLab;
  let mira: { authorization: string };
  let viewer: { authorization: string };

  beforeAll(async () => {
    lab = await startLab();
    await lab.app.get(Database).write((manager) =>
      manager.insert(DeviceEntity, {
        id: 'dev_bench0000000000',
        name: 'bench-pi',
        type: 'pi/ort',
        kind: 'host',
        emulated: false,
        key: 'host',
        agentId: 'agent-1',
        agentVersion: '0',
        ownLabels: {},
        reportedLabels: {},
        state: 'offline',
        fence: 0,
        facts: { cpuFeatures: [], cores: 1, memoryBytes: 0, arch: 'x64', os: '', runtimes: [], evidence: [] },
        createdAt: at,
      } as never),
    );
    const bearer = async (name: string, role: string): Promise<{ authorization: string }> => {
      const user = (await lab.call('POST', '/api/v1/users', { name, role })).body as User;
      const token = (await lab.call('POST', '/api/v1/tokens', { kind: 'usr', userId: user.id })).body as TokenCreated;
      return { authorization: `Bearer ${token.secret}` };
    };
    mira = await bearer('Mira Berg', 'operator');
    viewer = await bearer('Guest', 'viewer');
  });
  afterAll(() => lab.close());

  const write = async (text: string, headers = mira) =>
    lab.call('POST', '/api/v1/notes', { subject: { kind: 'device', id: 'dev_bench0000000000' }, text }, headers);
  const codeOf = ({ body }: { body: unknown }): unknown => (body as { code?: string }).code;

  it('[NOTE-1] a note is pinned to the id of a thing that exists, and says where it is shown', async () => {
    const { status, body } = await write('its fan is loud');
    expect(status).toBe(201);
    expect(body).toMatchObject({
      revision: 1,
      subject: { kind: 'device', id: 'dev_bench0000000000' },
      about: { deviceId: 'dev_bench0000000000' },
      author: { name: 'Mira Berg' },
      text: 'its fan is loud',
      mentions: [],
    });
    const nowhere = await lab.call('POST', '/api/v1/notes', {
      subject: { kind: 'run', id: 'run_00000000' },
      text: 'x',
    });
    expect([nowhere.status, codeOf(nowhere)]).toEqual([404, 'note.subject-unknown']);
  });

  it('[NOTE-2] its author alone changes it, on the revision they saw; a conflict brings both texts', async () => {
    const note = (await write('first')).body as Note;
    const path = `/api/v1/notes/${note.id}`;
    expect(codeOf(await lab.call('PATCH', path, { revision: 1, text: 'mine now' }))).toBe('note.not-yours');
    const edited = await lab.call('PATCH', path, { revision: 1, text: 'second' }, mira);
    expect(edited.body).toMatchObject({ revision: 2, text: 'second' });
    const late = await lab.call('PATCH', path, { revision: 1, text: 'third' }, mira);
    expect(late.status).toBe(409);
    expect(late.body).toMatchObject({ code: 'note.changed', details: { note: { text: 'second', revision: 2 } } });
  });

  it('[NOTE-3] who is named with @ finds it among their mentions until it is resolved, by anybody', async () => {
    const note = (
      await lab.call('POST', '/api/v1/notes', {
        subject: { kind: 'device', id: 'dev_bench0000000000' },
        text: 'look, @mira berg',
      })
    ).body as Note;
    const mine = async () =>
      ((await lab.call('GET', '/api/v1/notes?mentions=me', undefined, mira)).body as { items: Note[] }).items;
    expect((await mine()).map(({ id }) => id)).toEqual([note.id]);
    const settled = await lab.call('PATCH', `/api/v1/notes/${note.id}`, { revision: 1, resolved: true }, mira);
    expect(settled.body).toMatchObject({ resolved: { by: 'Mira Berg' } });
    expect(await mine()).toEqual([]);
  });

  it('[NOTE-4] deleted, its text is gone and its place stays', async () => {
    const note = (await write('secret')).body as Note;
    await lab.call('DELETE', `/api/v1/notes/${note.id}`, undefined, mira);
    const { items } = (await lab.call('GET', '/api/v1/notes?subject=dev_bench0000000000&limit=1')).body as {
      items: Note[];
    };
    expect(items).toMatchObject([{ id: note.id, text: '', deletedAt: expect.any(String) }]);
    expect(codeOf(await lab.call('DELETE', `/api/v1/notes/${note.id}`, undefined, mira))).toBe('note.unknown');
  });

  it('[NOTE-5] a viewer reads notes and writes none', async () => {
    expect(codeOf(await write('hello', viewer))).toBe('auth.forbidden');
    expect((await lab.call('GET', '/api/v1/notes', undefined, viewer)).status).toBe(200);
  });

  it('[SET-5] what names somebody is listed for them, and up to when they have read it is kept, never moved back', async () => {
    const subject = { kind: 'device', id: 'dev_bench0000000000' };
    const note = (await lab.call('POST', '/api/v1/notes', { subject, text: '@Mira Berg, look' })).body as Note;
    const mine = async (method = 'GET', readUpTo?: string, who = mira) =>
      (await lab.call(method, '/api/v1/me/mentions', readUpTo && { readUpTo }, who)).body as Mentions;
    const before = await mine();
    expect(before.items[0]).toEqual(note);
    const { readUpTo } = await mine('PUT', note.createdAt);
    expect(readUpTo).toBe(note.createdAt);
    expect((await mine('PUT', '2020-01-01T00:00:00.000Z')).readUpTo).toBe(note.createdAt);
    expect((await mine('GET', undefined, viewer)).items.map(({ id }) => id)).not.toContain(note.id);
    const { secret } = await lab.createToken({ kind: 'svc', role: 'operator' });
    const pipeline = { authorization: `Bearer ${secret}` };
    expect(await mine('GET', undefined, pipeline)).toEqual({ items: [] });
    expect(await mine('PUT', note.createdAt, pipeline)).toMatchObject({ code: 'auth.forbidden' });
  });
});
