import * as z from 'zod';
import { Id, Instant, Labels, Name } from './names.js';

/** Ordered: each role may do what the ones before it may. */
export const roles = ['viewer', 'operator', 'admin'] as const;
export const Role = z.enum(roles);
export type Role = z.infer<typeof Role>;

/** What a route or socket event demands. `public`: nobody needs to be known. */
export type Access = 'public' | Role;

/** Whether a role is enough for an access. */
export function allows(role: Role, access: Access): boolean {
  return access === 'public' || roles.indexOf(role) >= roles.indexOf(access);
}

export const User = z.object({ id: Id, name: Name, role: Role, createdAt: Instant });
export type User = z.infer<typeof User>;

export const UserCreate = z.strictObject({ name: Name, role: Role });
export type UserCreate = z.infer<typeof UserCreate>;

/** A new name or role. */
export const UserUpdate = z
  .strictObject({ name: Name.optional(), role: Role.optional() })
  .refine((update) => update.name !== undefined || update.role !== undefined, { message: 'name what to change' });
export type UserUpdate = z.infer<typeof UserUpdate>;

/** `usr` signs a person in, `join` lets an agent enrol, `svc` is for pipelines. */
export const tokenKinds = ['usr', 'join', 'svc'] as const;
export const TokenKind = z.enum(tokenKinds);
export type TokenKind = z.infer<typeof TokenKind>;

/**
 * `hlt_<kind>_<30 base62><6 base62 CRC-32>`; a join token goes on with `.<16 hex>`, the lab's fingerprint,
 * which the agent compares before it sends the secret. The prefix makes leaks findable, the CRC catches typos
 * without a look in the database.
 */
export const tokenPattern = /^hlt_(usr|join|svc)_[0-9A-Za-z]{36}$/;
export const joinTokenPattern = /^hlt_join_[0-9A-Za-z]{36}\.[0-9a-f]{16}$/;

/** A token as it is listed: never the secret, only what it is and does. */
export const Token = z.object({
  id: Id,
  kind: TokenKind,
  name: Name.optional(),
  user: z.object({ id: Id, name: Name, role: Role }).optional(),
  role: Role.optional(),
  createdAt: Instant,
  expiresAt: Instant.optional(),
  lastUsedOn: z.iso.date().optional(),
  revokedAt: Instant.optional(),
  /** Join tokens: how often it may still be used. */
  usesLeft: z.number().int().min(0).optional(),
  labels: Labels.optional(),
});
export type Token = z.infer<typeof Token>;

export const TokenCreate = z.strictObject({
  kind: TokenKind,
  name: Name.optional(),
  /** `usr`: whose token; the caller's own when absent. */
  userId: Id.optional(),
  /** `svc`: what it may do; never more than the caller. */
  role: Role.optional(),
  /** Join tokens expire after 15 minutes unless told otherwise. */
  ttlSeconds: z
    .number()
    .int()
    .min(10)
    .max(366 * 86_400)
    .optional(),
  /** `join`: how many agents may enrol with it. */
  uses: z.number().int().min(1).max(1000).default(1),
  /** `join`: labels that the device gets from the token, not from the agent. */
  labels: Labels.optional(),
});
export type TokenCreate = z.input<typeof TokenCreate>;

/** The answer to creating a token: the only time the secret is shown. */
export const TokenCreated = z.object({ token: Token, secret: z.string() });
export type TokenCreated = z.infer<typeof TokenCreated>;

/** One-time sign-in code -> a person's token. */
export const SessionCreate = z.strictObject({ code: z.string().regex(/^[0-9A-Za-z]{20,40}$/) });
export type SessionCreate = z.infer<typeof SessionCreate>;
export const Session = z.object({ token: z.string(), user: User });
export type Session = z.infer<typeof Session>;

/** A new sign-in code for the caller, e.g. to open the dashboard; `url` carries it in its fragment. */
export const SessionCode = z.object({ code: z.string(), url: z.string(), expiresAt: Instant });
export type SessionCode = z.infer<typeof SessionCode>;

/** Who the bearer of a token is. */
export const Me = z.object({
  user: User.optional(),
  tokenId: Id,
  role: Role,
  /** Somebody who came in by a link and only watches. */
  guest: z.object({ name: Name, until: Instant }).optional(),
});
export type Me = z.infer<typeof Me>;
