import type { Me, Role, Token, TokenCreate, TokenKind } from '@hilltop/contracts';

export type TokenState = 'good' | 'revoked' | 'expired' | 'spent';

/** Whether a token still works, and if not why. */
export function tokenState({ revokedAt, expiresAt, usesLeft }: Token, nowMs: number): TokenState {
  if (revokedAt !== undefined) return 'revoked';
  if (usesLeft === 0) return 'spent';
  return expiresAt !== undefined && Date.parse(expiresAt) <= nowMs ? 'expired' : 'good';
}

/** Those that work first, then the newest. */
export function orderTokens(tokens: readonly Token[], nowMs: number): readonly Token[] {
  const rank = (token: Token): number => (tokenState(token, nowMs) === 'good' ? 0 : 1);
  return [...tokens].sort((a, b) => rank(a) - rank(b) || b.createdAt.localeCompare(a.createdAt));
}

/** Tokens that sign this person in: sessions of browsers among them. */
export const ownTokens = (tokens: readonly Token[], me: Me): readonly Token[] =>
  tokens.filter((token) => token.id === me.tokenId || (me.user !== undefined && token.user?.id === me.user.id));

/** What a new token is for, in words. */
export const kindWords = {
  usr: 'a person (signs in as you)',
  svc: 'a pipeline or script',
  join: 'an agent that joins',
} as const satisfies Record<TokenKind, string>;

/** How long a token may live, in days; 0: until it is revoked. */
export const tokenDays = [1, 7, 30, 90, 366, 0] as const;

export interface TokenForm {
  readonly kind: TokenKind;
  readonly name: string;
  readonly role: Role;
  readonly days: number;
}

/** The request of a form; a join token keeps its own short life. */
export function tokenRequest({ kind, name, role, days }: TokenForm): TokenCreate {
  return {
    kind,
    ...(name.trim() !== '' && { name: name.trim() }),
    ...(kind === 'svc' && { role }),
    ...(kind !== 'join' && days > 0 && { ttlSeconds: days * 86_400 }),
  };
}
