import { randomBytes } from 'node:crypto';

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** `length` characters of Crockford's base 32, 5 bits of randomness each. */
export function randomText(length: number, random: (bytes: number) => Uint8Array = randomBytes): string {
  return Array.from(random(length), (byte) => alphabet[byte & 31]).join('');
}

/** A new id of a noun, e.g. `newId('run')` -> `run_7k2m4q9x0c5t8w1z` (80 bits). */
export function newId(prefix: string): string {
  return `${prefix}_${randomText(16)}`;
}
