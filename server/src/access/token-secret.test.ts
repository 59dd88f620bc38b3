import { joinTokenPattern, tokenKinds, tokenPattern } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hashSecret, kindOfSecret, mintSecret, randomBase62 } from './token-secret.js';

describe('token secrets', () => {
  it.each(tokenKinds)('[AUTH-1] a %s token has its prefix and checks itself', (kind) => {
    const secret = mintSecret(kind);
    expect(secret).toMatch(tokenPattern);
    expect(kindOfSecret(secret)).toBe(kind);
    if (kind === 'join') expect(`${secret}.0123456789abcdef`).toMatch(joinTokenPattern);
  });

  it('[AUTH-1] a typo is noticed without the database', () => {
    const secret = mintSecret('usr');
    fc.assert(
      fc.property(fc.integer({ min: 8, max: secret.length - 1 }), fc.constantFrom(...'09AZaz'), (at, letter) => {
        const typo = secret.slice(0, at) + letter + secret.slice(at + 1);
        expect(kindOfSecret(typo)).toBe(typo === secret ? 'usr' : undefined);
      }),
    );
    for (const other of ['', 'hlt_usr_', `${secret}x`, secret.replace('usr', 'svc'), ` ${secret}`])
      expect(kindOfSecret(other)).toBeUndefined();
  });

  it('[AUTH-1] letters are drawn without bias and without the bytes that would bring one', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    const text = randomBase62(248, () => bytes);
    const counts = new Map<string, number>();
    for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    expect([...counts.values()]).toEqual(Array.from({ length: 62 }, () => 4));
  });

  it('[AUTH-2] what is stored is SHA-256', () => {
    expect(hashSecret('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});
