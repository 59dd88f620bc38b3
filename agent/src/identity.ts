import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentId, Id } from '@hilltop/contracts';
import * as z from 'zod';
import { absent } from './absent.js';
import { writeAtomic } from './write-atomic.js';

/** What an agent knows after it has joined; `agent.json` in its data directory. */
export const Membership = z.object({
  url: z.string(),
  agentId: AgentId,
  labId: Id,
  shard: z.number().int().min(0).max(63),
  fingerprint: z.string(),
  /** SHA-256 of the join token, so that the same line pasted again does not join again. */
  tokenHash: z.string(),
});
export type Membership = z.infer<typeof Membership>;

/** The agent's own Ed25519 key: made here, never leaves. */
export class Identity {
  constructor(private readonly key: KeyObject) {}

  /** Raw 32-byte public key, base64url. */
  get publicKey(): string {
    return this.key.export({ format: 'jwk' }).x!;
  }

  /** Ed25519 signature over UTF-8 text, base64url. */
  sign(text: string): string {
    return sign(undefined, Buffer.from(text, 'utf8'), this.key).toString('base64url');
  }

  /** MQTT password: valid five minutes, so that a copied one is soon worthless. `nowS` in seconds of the lab's clock. */
  assertion(labId: string, bootId: string, nowS: number): string {
    const claims = { aud: labId, iat: nowS, exp: nowS + 300, jti: randomBytes(16).toString('hex'), boot: bootId };
    const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
    return `${body}.${this.sign(body)}`;
  }
}

/** The key in `key.pem` of a directory; makes it at the first time, readable by its owner only. */
export async function loadIdentity(directory: string): Promise<Identity> {
  const path = join(directory, 'key.pem');
  const pem = await readFile(path, 'utf8').catch(absent);
  return pem === undefined ? renewIdentity(directory) : new Identity(createPrivateKey(pem));
}

/** A new key in the place of the old one. */
export async function renewIdentity(directory: string): Promise<Identity> {
  const { privateKey } = generateKeyPairSync('ed25519');
  await writeAtomic(join(directory, 'key.pem'), privateKey.export({ format: 'pem', type: 'pkcs8' }), 0o600);
  return new Identity(privateKey);
}

export async function loadMembership(directory: string): Promise<Membership | undefined> {
  const text = await readFile(join(directory, 'agent.json'), 'utf8').catch(absent);
  return text === undefined ? undefined : Membership.parse(JSON.parse(text));
}

export async function saveMembership(directory: string, membership: Membership): Promise<void> {
  await writeAtomic(join(directory, 'agent.json'), `${JSON.stringify(membership, undefined, 2)}\n`, 0o600);
}

export const sha256Hex = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
