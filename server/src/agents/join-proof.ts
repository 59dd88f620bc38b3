import { createHash, verify } from 'node:crypto';
import type { AgentJoin } from '@hilltop/contracts';
import { publicKeyOf } from '../lab/lab-identity.js';

/** What an agent signs to enrol: bound to this lab, this token and one nonce. */
export function joinMessage(fingerprint: string, joinToken: string, nonce: string): string {
  return `hilltop-join|${fingerprint}|${createHash('sha256').update(joinToken).digest('hex')}|${nonce}`;
}

/** Whether the agent holds the key it shows. */
export function proofHolds(join: AgentJoin, fingerprint: string): boolean {
  try {
    const message = Buffer.from(joinMessage(fingerprint, join.joinToken, join.nonce));
    return verify(null, message, publicKeyOf(join.publicKey), Buffer.from(join.proof, 'base64url'));
  } catch {
    return false; // a key that is none verifies nothing
  }
}
