import { describe, expect, it } from '@jest/globals';
import { codeOf, createSessionStore, tokenKey } from './session-store.js';

describe('session', () => {
  it('keeps the token between visits, and why a session ended', () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (k: string) => kept.get(k) ?? null,
      setItem: (k: string, v: string) => void kept.set(k, v),
      removeItem: (k: string) => void kept.delete(k),
    };
    createSessionStore(storage).signIn('hlt_usr_1', 'code');
    const again = createSessionStore(storage);
    expect(again.getState()).toEqual({ token: 'hlt_usr_1', origin: 'code' });
    again.signOut('the token was revoked');
    expect([again.getState(), kept.has(tokenKey)]).toEqual([{ notice: 'the token was revoked' }, false]);
  });

  it('finds the code in an address, and none where there is none', () => {
    expect([codeOf('#code=abc'), codeOf('#other=1'), codeOf('')]).toEqual(['abc', undefined, undefined]);
  });
});
