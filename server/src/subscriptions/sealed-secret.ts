import { createCipheriv, createDecipheriv, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';

const [ivBytes, tagBytes] = [12, 16];

/** A text that only the lab's key opens, as base64url of iv, tag and AES-256-GCM. */
export function seal(labKey: KeyObject, text: string, random: (bytes: number) => Uint8Array = randomBytes): string {
  const iv = random(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', keyOf(labKey), iv);
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url');
}

/** Throws for another lab's key or a text that was changed. */
export function unseal(labKey: KeyObject, sealed: string): string {
  const bytes = Buffer.from(sealed, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', keyOf(labKey), bytes.subarray(0, ivBytes));
  decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
  return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]).toString('utf8');
}

function keyOf(labKey: KeyObject): Uint8Array {
  const secret = labKey.export({ type: 'pkcs8', format: 'der' });
  return new Uint8Array(hkdfSync('sha256', secret, '', 'hilltop webhook secrets', 32));
}
