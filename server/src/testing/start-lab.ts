import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentJoin, TokenCreate, TokenCreated } from '@hilltop/contracts';
import { joinMessage } from '../agents/join-proof.js';
import { type Config, readConfig } from '../config.js';
import { type Coordinator, startCoordinator } from '../coordinator.js';
import { rawPublicKey } from '../lab/lab-identity.js';
import { createLog, type Log } from '../log.js';

/** A whole coordinator in this process, on free ports and in a directory of its own. */
export interface TestLab extends Coordinator {
  readonly url: string;
  readonly dataDir: string;
  readonly adminToken: string;
  /** A request with the admin's token, JSON in and out. */
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: unknown; headers: Headers }>;
  createToken(wish: TokenCreate): Promise<TokenCreated>;
  /** Enrols an agent with a key of its own. */
  joinAgent(name?: string): Promise<TestAgent>;
}

export interface TestAgent {
  readonly agentId: string;
  readonly labId: string;
  readonly key: KeyObject;
  readonly join: AgentJoin;
  /** A good MQTT password; `change` spoils it. */
  assertion(change?: Record<string, unknown>): string;
}

export interface LabWish {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Kept when given; else made and removed. */
  readonly dataDir?: string;
  readonly config?: Partial<Config>;
  readonly log?: Log;
}

export async function startLab(wish: LabWish = {}): Promise<TestLab> {
  const dataDir = wish.dataDir ?? mkdtempSync(join(tmpdir(), 'hilltop-lab-'));
  const config = {
    ...readConfig(['--port', '0', '--mqtt-port', '0', '--data', dataDir, ...(wish.args ?? [])], {
      HILLTOP_LOG: 'silent',
      ...wish.env,
    }),
    // Worker threads run what was built: a transform of the sources ends at the thread's door.
    workerFile: join(import.meta.dirname, '..', '..', 'dist', 'worker-entry.cjs'),
    ...wish.config,
  };
  const coordinator = await startCoordinator(config, wish.log ?? createLog(config.logLevel));
  const adminToken = readFileSync(join(dataDir, 'admin-token'), 'utf8').trim();
  const { url } = coordinator.listening;
  const call: TestLab['call'] = async (method, path, body, headers = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${adminToken}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: parse(text), headers: response.headers };
  };
  const createToken = async (token: TokenCreate) => (await call('POST', '/api/v1/tokens', token)).body as TokenCreated;
  return {
    ...coordinator,
    url,
    dataDir,
    adminToken,
    call,
    createToken,
    async joinAgent(name = 'Bench Pi') {
      const { secret } = await createToken({ kind: 'join' });
      const join = makeJoin(secret, name);
      const { agentId, labId } = (await call('POST', '/api/v1/agents', join.body)).body as {
        agentId: string;
        labId: string;
      };
      return {
        agentId,
        labId,
        key: join.key,
        join: join.body,
        assertion: (change) => makeAssertion(join.key, labId, change),
      };
    },
    async close() {
      await coordinator.close();
      if (wish.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** What an agent sends to enrol. `shown`: the join token as it was shown, with the lab's fingerprint. */
export function makeJoin(
  shown: string,
  name: string,
  { privateKey, publicKey } = generateKeyPairSync('ed25519'),
): { body: AgentJoin; key: KeyObject } {
  const [joinToken, fingerprint] = shown.split('.') as [string, string];
  const nonce = randomBytes(16).toString('base64url');
  const proof = sign(null, Buffer.from(joinMessage(fingerprint, joinToken, nonce)), privateKey).toString('base64url');
  return { body: { joinToken, publicKey: rawPublicKey(publicKey), name, nonce, proof }, key: privateKey };
}

function makeAssertion(key: KeyObject, labId: string, change: Record<string, unknown> = {}): string {
  const iat = Math.floor(Date.now() / 1000);
  const claims = { aud: labId, iat, exp: iat + 300, jti: randomBytes(16).toString('hex'), boot: 'b1', ...change };
  const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return `${body}.${sign(null, Buffer.from(body), key).toString('base64url')}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
