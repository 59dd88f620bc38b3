import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { type TokenKind, tokenPattern } from '@hilltop/contracts';

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** `length` base 62 characters without bias: bytes from 248 on are thrown away. */
export function randomBase62(length: number, random: (bytes: number) => Uint8Array = randomBytes): string {
  let text = '';
  while (text.length < length) {
    for (const byte of random(length * 2)) {
      if (byte < 248 && text.length < length) text += base62[byte % 62];
    }
  }
  return text;
}

/** CRC-32 of a text as 6 base 62 characters. */
function checksum(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let i = 0; i < 6; i++) {
    digits = base62[rest % 62] + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}

/** `hlt_<kind>_<30 base 62><6 of CRC-32>`: 178 random bits. A join token's fingerprint is added where it is shown. */
export function mintSecret(kind: TokenKind): string {
  const body = `hlt_${kind}_${randomBase62(30)}`;
  return body + checksum(body);
}

/** The kind of a well-formed secret; undefined for a typo or anything else, found without the database. */
export function kindOfSecret(secret: string): TokenKind | undefined {
  const match = tokenPattern.exec(secret);
  if (!match || checksum(secret.slice(0, -6)) !== secret.slice(-6)) return undefined;
  return match[1] as TokenKind;
}

/** What is stored of a secret: SHA-256 in hex. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
