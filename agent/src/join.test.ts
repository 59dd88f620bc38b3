import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { LabError, MqttAssertion, problemOf } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Identity, loadIdentity } from './identity.js';
import { clockOffsetMs, join } from './join.js';

const raw = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x!;
const fingerprint = createHash('sha256').update(Buffer.from(raw, 'base64url')).digest('hex').slice(0, 16);
const secret = `hlt_join_${'a'.repeat(36)}`;
const labKey = { labId: 'lab_12345678', publicKey: raw, fingerprint };
const agent = { agentId: 'bench-1', labId: 'lab_12345678', shard: 5 };

let dir: string;
let identity: Identity;
beforeEach(async () => {
  dir = await mkdtemp(joinPath(tmpdir(), 'hilltop-join-'));
  identity = await loadIdentity(dir);
});
afterEach(() => rm(dir, { recursive: true }));

/** A lab that answers with these bodies in turn; keeps what was asked. */
function lab(...answers: Array<{ status?: number; body: unknown }>) {
  const asked: Array<{ path: string; body?: Record<string, unknown> }> = [];
  const fetcher = (async (url: string, init?: RequestInit) => {
    asked.push({
      path: new URL(url).pathname,
      ...(init?.body && { body: JSON.parse(String(init.body)) as Record<string, unknown> }),
    });
    const { status = 200, body } = answers[asked.length - 1]!;
    return new Response(JSON.stringify(body), { status });
  }) as typeof fetch;
  const request = (token = `${secret}.${fingerprint}`) =>
    join({ url: 'http://lab', token, name: 'bench', identity, fetch: fetcher });
  return { asked, request };
}

describe('join', () => {
  it('[AGENT-1] proves its key and keeps what the lab calls it', async () => {
    const { asked, request } = lab({ body: labKey }, { status: 201, body: agent });
    expect(await request()).toEqual({
      url: 'http://lab',
      ...agent,
      fingerprint,
      tokenHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(asked.map((a) => a.path)).toEqual(['/api/v1/lab/key', '/api/v1/agents']);
    expect(asked[1]!.body).toEqual({
      joinToken: secret,
      publicKey: identity.publicKey,
      name: 'bench',
      nonce: expect.any(String),
      proof: expect.stringMatching(/^[\w-]{86}$/),
    });
  });

  it('[AGENT-2] does not send its token to another lab', async () => {
    const { asked, request } = lab({ body: labKey });
    await expect(request(`${secret}.0123456789abcdef`)).rejects.toMatchObject({ code: 'join.fingerprint-mismatch' });
    const liar = lab({ body: { ...labKey, fingerprint: '0123456789abcdef' } });
    await expect(liar.request(`${secret}.0123456789abcdef`)).rejects.toMatchObject({
      code: 'join.fingerprint-mismatch',
    });
    expect([asked.length, liar.asked.length]).toEqual([1, 1]);
  });

  it("gives the lab's own reason for a refusal", async () => {
    const { request } = lab(
      { body: labKey },
      { status: 401, body: problemOf(new LabError('join.token-spent', 'used up')) },
    );
    await expect(request()).rejects.toMatchObject({ code: 'join.token-spent', message: 'used up' });
  });

  it('something else at that address is no lab', async () => {
    await expect(lab({ body: { hello: 'world' } }).request()).rejects.toMatchObject({ code: 'link.unreachable' });
    await expect(lab({ status: 502, body: 'bad gateway' }).request()).rejects.toMatchObject({
      code: 'link.unreachable',
    });
  });

  it("learns the lab's clock from its answer", async () => {
    const fetcher = (async () =>
      new Response('', { headers: { date: 'Tue, 24 Nov 2026 05:00:00 GMT' } })) as typeof fetch;
    expect(await clockOffsetMs('http://lab', fetcher, () => Date.parse('1970-01-01T00:00:00Z'))).toBe(
      Date.parse('2026-11-24T05:00:00Z'),
    );
    expect(
      await clockOffsetMs('http://lab', (() => Promise.reject(new Error('down'))) as typeof fetch, Date.now),
    ).toBeUndefined();
  });
});

describe('Identity', () => {
  it('[AGENT-2] makes its key once, for its owner only, and signs short-lived passwords', async () => {
    expect((await stat(joinPath(dir, 'key.pem'))).mode & 0o777).toBe(0o600);
    expect((await loadIdentity(dir)).publicKey).toBe(identity.publicKey);
    const [first, second] = [
      identity.assertion('lab_12345678', 'boot', 1000),
      identity.assertion('lab_12345678', 'boot', 1000),
    ];
    const claims = MqttAssertion.parse(JSON.parse(Buffer.from(first.split('.')[0]!, 'base64url').toString()));
    expect(claims).toEqual({ aud: 'lab_12345678', iat: 1000, exp: 1300, jti: expect.any(String), boot: 'boot' });
    expect(second).not.toBe(first);
  });
});
