import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { randomText } from '../ids.js';
import { writePrivateFile } from '../links/private-file.js';

/** Who the lab is: its Ed25519 key, made once and kept in `lab-key.pem`, and the epoch of this start. */
@Injectable()
export class LabIdentity {
  /** Derived from the key, so the two cannot disagree. */
  readonly labId: string;
  /** First 16 hex digits of SHA-256 of the raw public key. */
  readonly fingerprint: string;
  /** Raw 32 bytes, base64url. */
  readonly publicKey: string;
  /** New at each start: revisions and sessions of another epoch mean nothing. */
  readonly epoch: string;

  private constructor(readonly privateKey: KeyObject) {
    this.publicKey = rawPublicKey(createPublicKey(privateKey));
    this.fingerprint = createHash('sha256').update(Buffer.from(this.publicKey, 'base64url')).digest('hex').slice(0, 16);
    this.labId = `lab_${this.fingerprint}`;
    this.epoch = randomText(16);
  }

  /** Reads the key of `dataDir`, or makes one there. */
  static load(dataDir: string): LabIdentity {
    const file = join(dataDir, 'lab-key.pem');
    if (existsSync(file)) return new LabIdentity(createPrivateKey(readFileSync(file)));
    const { privateKey } = generateKeyPairSync('ed25519');
    writePrivateFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    return new LabIdentity(privateKey);
  }
}

/** The raw 32 bytes of an Ed25519 public key, base64url. */
export function rawPublicKey(key: KeyObject): string {
  const { x } = key.export({ format: 'jwk' });
  if (x === undefined) throw new Error('not an Ed25519 key');
  return x;
}

/** An Ed25519 public key from its raw 32 bytes, base64url. Throws on anything else. */
export function publicKeyOf(raw: string): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw }, format: 'jwk' });
}
