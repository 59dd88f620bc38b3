import { type Token, TokenCreate } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { orderTokens, ownTokens, tokenDays, tokenRequest, tokenState } from './token-state.js';

const now = Date.UTC(2026, 0, 2);
const token = (id: string, more: Partial<Token> = {}): Token => ({
  id,
  kind: 'svc',
  createdAt: '2026-01-01T00:00:00.000Z',
  ...more,
});

describe('tokens in the settings', () => {
  it('[SET-3] each says whether it works, those that do come first', () => {
    const tokens = [
      token('revoked', { revokedAt: '2026-01-01T00:00:00.000Z' }),
      token('expired', { expiresAt: '2026-01-01T12:00:00.000Z' }),
      token('spent', { kind: 'join', usesLeft: 0 }),
      token('good', { expiresAt: '2026-01-03T00:00:00.000Z' }),
    ];
    expect(tokens.map((each) => tokenState(each, now))).toEqual(['revoked', 'expired', 'spent', 'good']);
    expect(orderTokens(tokens, now)[0]!.id).toBe('good');
  });

  it('[SET-3] mine are those that sign me in, and the one I came with', () => {
    const mine = token('mine', { kind: 'usr', user: { id: 'usr_1', name: 'Ana', role: 'admin' } });
    const other = token('other', { kind: 'usr', user: { id: 'usr_2', name: 'Mira', role: 'viewer' } });
    const me = { user: { id: 'usr_1', name: 'Ana', role: 'admin', createdAt: mine.createdAt }, role: 'admin' } as const;
    expect(ownTokens([mine, other], { ...me, tokenId: 'none' })).toEqual([mine]);
    expect(ownTokens([mine, other], { role: 'operator', tokenId: 'other' })).toEqual([other]);
  });

  it('[SET-3] a form becomes a request the lab takes, whatever is chosen', () => {
    for (const kind of ['usr', 'svc', 'join'] as const)
      for (const days of tokenDays)
        expect(TokenCreate.safeParse(tokenRequest({ kind, name: ' ci ', role: 'viewer', days })).success).toBe(true);
    expect(tokenRequest({ kind: 'svc', name: ' ci ', role: 'operator', days: 7 })).toEqual({
      kind: 'svc',
      name: 'ci',
      role: 'operator',
      ttlSeconds: 604_800,
    });
    expect(tokenRequest({ kind: 'usr', name: '', role: 'admin', days: 0 })).toEqual({ kind: 'usr' });
  });
});
