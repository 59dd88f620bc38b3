import { generateKeyPairSync } from 'node:crypto';
import type { Token } from '@hilltop/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '../links/database.js';
import { makeJoin, startLab, type TestLab } from '../testing/start-lab.js';
import { AgentEntity } from './agent.entity.js';
import { agentIdFrom } from './agent.service.js';
import { ReplayCache } from './assertion.js';

describe('enrolment', () => {
  let lab: TestLab;
  beforeAll(async () => {
    lab = await startLab({ env: { HILLTOP_LIMIT_LOGINS: '1000' } });
  });
  afterAll(() => lab.close());
  const post = async (body: unknown) => (await lab.call('POST', '/api/v1/agents', body, { authorization: '' })).body;
  const usesLeft = async (id: string) =>
    ((await lab.call('GET', '/api/v1/tokens')).body as { items: Token[] }).items.find((token) => token.id === id)
      ?.usesLeft;

  it('[JOIN-1] the fingerprint in a join token is that of the lab key', async () => {
    const { secret } = await lab.createToken({ kind: 'join' });
    const key = (await lab.call('GET', '/api/v1/lab/key', undefined, { authorization: '' })).body as {
      fingerprint: string;
    };
    expect(secret.split('.')[1]).toBe(key.fingerprint);
  });

  it('[JOIN-2] an agent joins once per key: the same join again is answered alike and uses nothing', async () => {
    const { secret, token } = await lab.createToken({ kind: 'join', uses: 2, labels: { site: 'berlin' } });
    const join = makeJoin(secret, 'Bench Pi 4');
    const [first, second] = await Promise.all([post(join.body), post(join.body)]);
    expect(first).toEqual({
      agentId: expect.stringMatching(/^bench-pi-4-[0-9a-z]{4}$/),
      labId: lab.listening.labId,
      shard: expect.any(Number),
    });
    expect(second).toEqual(first);
    expect(await usesLeft(token.id)).toBe(1);
    const { agentId } = first as { agentId: string };
    expect(await lab.app.get(Database).reader.getRepository(AgentEntity).findOneBy({ id: agentId })).toMatchObject({
      labels: { site: 'berlin' },
    });
    expect((await lab.call('GET', `/api/v1/agents/${agentId}`)).body).toEqual({
      id: agentId,
      name: 'Bench Pi 4',
      connected: false,
      createdAt: expect.any(String),
    });
  });

  it('[JOIN-3] a token is used up', async () => {
    const { secret } = await lab.createToken({ kind: 'join' });
    expect(await post(makeJoin(secret, 'a').body)).toMatchObject({ agentId: expect.any(String) });
    expect(await post(makeJoin(secret, 'b').body)).toMatchObject({ code: 'join.token-spent' });
  });

  it('[JOIN-3] many at once get no more than the token allows', async () => {
    const { secret } = await lab.createToken({ kind: 'join', uses: 3 });
    const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => post(makeJoin(secret, `n${i}`).body)));
    expect(answers.filter((answer) => (answer as { agentId?: string }).agentId !== undefined)).toHaveLength(3);
  });

  it('[JOIN-4] without proof of the key, for this lab and token, nobody joins and nothing is used', async () => {
    const { secret, token } = await lab.createToken({ kind: 'join' });
    const good = makeJoin(secret, 'x').body;
    const other = makeJoin(secret, 'x').body;
    const foreign = makeJoin(`${secret.split('.')[0]}.0000000000000000`, 'x').body;
    for (const join of [
      { ...good, publicKey: other.publicKey },
      { ...good, nonce: other.nonce },
      { ...good, proof: other.proof },
      foreign,
    ]) {
      expect(await post(join)).toMatchObject({ code: 'join.proof-invalid' });
    }
    expect(await usesLeft(token.id)).toBe(1);
    const svc = await lab.createToken({ kind: 'svc' });
    expect(await post({ ...good, joinToken: svc.secret })).toMatchObject({ code: 'request.invalid' });
    const unknown = `${secret.slice(0, 20)}${'A'.repeat(25)}`;
    expect(await post(makeJoin(`${unknown}.${secret.split('.')[1]}`, 'x').body)).toMatchObject({
      code: 'join.token-invalid',
    });
  });

  it('[JOIN-3] a revoked token lets nobody in', async () => {
    const { secret, token } = await lab.createToken({ kind: 'join' });
    await lab.call('DELETE', `/api/v1/tokens/${token.id}`);
    expect(await post(makeJoin(secret, 'x', generateKeyPairSync('ed25519')).body)).toMatchObject({
      code: 'join.token-spent',
    });
  });

  it('[JOIN-6] an id has letters that need no escaping in a topic', () => {
    for (const name of ['Bench Pi', 'Ünïcode', '日本', '+/#', 'a'.repeat(100)])
      expect(agentIdFrom(name)).toMatch(/^[a-z0-9-]{3,64}$/);
  });

  it('[JOIN-7] an assertion is good once, and forgotten when it could no longer be used', () => {
    const cache = new ReplayCache();
    expect([cache.add('a', 0), cache.add('a', 1), cache.add('b', 800), cache.add('a', 841)]).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });
});
