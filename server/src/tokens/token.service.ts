import {
  allows,
  LabError,
  type PageQuery,
  type Token,
  type TokenCreate,
  type TokenCreated,
  type User,
} from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AccessService, requireLive } from '../access/access.service.js';
import type { Actor } from '../access/actor.js';
import { decodeCursor, page } from '../access/page.js';
import { hashSecret, kindOfSecret, mintSecret } from '../access/token-secret.js';
import { newId } from '../ids.js';
import { LabIdentity } from '../lab/lab-identity.js';
import { Database } from '../links/database.js';
import { UserEntity } from '../users/user.entity.js';
import { TokenEntity } from './token.entity.js';

/** A join token is for the minute it is pasted in. */
const joinTtlSeconds = 15 * 60;

@Injectable()
export class TokenService {
  constructor(
    private readonly database: Database,
    private readonly access: AccessService,
    private readonly identity: LabIdentity,
  ) {}

  /** Makes a token as `actor` wishes, who can give away no more than the own role. */
  async create(actor: Actor, wish: TokenCreate): Promise<TokenCreated> {
    const ttl = wish.ttlSeconds ?? (wish.kind === 'join' ? joinTtlSeconds : undefined);
    const about = { name: wish.name, createdBy: actor.tokenId, ...(ttl !== undefined && { ttlSeconds: ttl }) };
    if (wish.kind === 'join')
      return this.mint({ ...about, kind: 'join', usesLeft: wish.uses ?? 1, labels: wish.labels ?? {} });
    if (wish.kind === 'svc') {
      const role = wish.role ?? 'viewer';
      this.#mayGive(actor, role);
      return this.mint({ ...about, kind: 'svc', role });
    }
    const userId = wish.userId ?? actor.userId;
    if (userId === undefined) throw new LabError('request.invalid', 'userId: whose token? this one belongs to no user');
    if (userId !== actor.userId) this.access.demand(actor, 'admin');
    return this.mint({ ...about, kind: 'usr', userId });
  }

  /** A token for a user, made by the lab itself. */
  forUser(user: User, name: string, ttlSeconds?: number): Promise<TokenCreated> {
    return this.mint({ kind: 'usr', userId: user.id, name, ...(ttlSeconds !== undefined && { ttlSeconds }) });
  }

  async mint(
    wish: Partial<TokenEntity> & Pick<TokenEntity, 'kind'> & { name?: string; ttlSeconds?: number },
  ): Promise<TokenCreated> {
    const { ttlSeconds, ...fields } = wish;
    const secret = mintSecret(wish.kind);
    const now = Date.now();
    const row: TokenEntity = {
      id: newId('tok'),
      hash: hashSecret(secret),
      userId: null,
      role: null,
      usesLeft: null,
      labels: null,
      createdBy: null,
      invitationId: null,
      guestNumber: null,
      ...fields,
      name: fields.name ?? null,
      createdAt: new Date(now).toISOString(),
      expiresAt: ttlSeconds === undefined ? null : new Date(now + ttlSeconds * 1000).toISOString(),
      lastUsedOn: null,
      revokedAt: null,
    };
    const user = await this.database.write(
      async (manager) => {
        const owner = row.userId === null ? null : await manager.findOneBy(UserEntity, { id: row.userId });
        if (row.userId !== null && !owner) throw new LabError('request.not-found', 'there is no such user');
        await manager.insert(TokenEntity, row);
        return owner ?? undefined;
      },
      { label: 'token.create' },
    );
    return {
      token: toToken(row, user),
      secret: wish.kind === 'join' ? `${secret}.${this.identity.fingerprint}` : secret,
    };
  }

  /** An admin sees all tokens, others their own and those they made. */
  async list(actor: Actor, query: PageQuery): Promise<{ items: Token[]; next?: string }> {
    const rows = this.database.reader
      .getRepository(TokenEntity)
      .createQueryBuilder('token')
      .leftJoinAndMapOne('token.user', UserEntity, 'user', 'user.id = token.userId')
      // Guests stand with the invitation they came by.
      .where('token.invitationId IS NULL');
    if (actor.role !== 'admin') {
      rows.andWhere('(token.userId = :user OR token.id = :own OR token.createdBy = :own)', {
        user: actor.userId ?? '',
        own: actor.tokenId,
      });
    }
    if (query.cursor !== undefined) {
      rows.andWhere('(token.createdAt, token.id) < (:at, :id)', { ...decodeCursor(query.cursor) });
    }
    const found = await rows
      .orderBy('token.createdAt', 'DESC')
      .addOrderBy('token.id', 'DESC')
      .limit(query.limit + 1)
      .getMany();
    return page(
      found,
      query.limit,
      (row) => ({ at: row.createdAt, id: row.id }),
      (row) => toToken(row, ownerOf(row)),
    );
  }

  /** Ends a token now, with every connection that holds it. Throws `request.not-found`, `auth.forbidden`. */
  async revoke(actor: Actor, id: string): Promise<void> {
    await this.database.write(
      async (manager) => {
        const row = await manager.findOneBy(TokenEntity, { id });
        if (!row) throw new LabError('request.not-found', 'there is no such token');
        const own =
          row.id === actor.tokenId ||
          row.createdBy === actor.tokenId ||
          (row.userId !== null && row.userId === actor.userId);
        if (!own) this.access.demand(actor, 'admin');
        if (row.revokedAt === null) await manager.update(TokenEntity, { id }, { revokedAt: new Date().toISOString() });
        this.database.afterCommit(() => this.access.announceRevoked(id));
      },
      { label: 'token.revoke' },
    );
  }

  /** Uses up one enrolment of a join token, inside `manager`'s transaction. Throws `join.token-invalid`, `join.token-spent`. */
  async spendJoin(manager: EntityManager, secret: string): Promise<TokenEntity> {
    const row =
      kindOfSecret(secret) === 'join' ? await manager.findOneBy(TokenEntity, { hash: hashSecret(secret) }) : null;
    if (row?.kind !== 'join')
      throw new LabError(
        'join.token-invalid',
        'this is no join token of this lab; make one with `hilltop token create`',
      );
    try {
      requireLive(row);
    } catch (error) {
      throw new LabError(
        'join.token-spent',
        'this join token has expired or was revoked; make a new one with `hilltop token create`',
        {},
        { cause: error },
      );
    }
    if ((row.usesLeft ?? 0) < 1)
      throw new LabError('join.token-spent', 'this join token was used up; make a new one with `hilltop token create`');
    await manager.decrement(TokenEntity, { id: row.id }, 'usesLeft', 1);
    return row;
  }

  #mayGive(actor: Actor, role: User['role']): void {
    if (!allows(actor.role, role))
      throw new LabError('auth.forbidden', `you are ${actor.role} and cannot make a token for ${role}`);
  }
}

function ownerOf(row: TokenEntity & { user?: UserEntity | null }): UserEntity | undefined {
  return row.user ?? undefined;
}

function toToken(row: TokenEntity, user: UserEntity | undefined): Token {
  return {
    id: row.id,
    kind: row.kind,
    createdAt: row.createdAt,
    ...(row.name !== null && { name: row.name }),
    ...(user && { user: { id: user.id, name: user.name, role: user.role } }),
    ...(row.role !== null && { role: row.role }),
    ...(row.expiresAt !== null && { expiresAt: row.expiresAt }),
    ...(row.lastUsedOn !== null && { lastUsedOn: row.lastUsedOn }),
    ...(row.revokedAt !== null && { revokedAt: row.revokedAt }),
    ...(row.usesLeft !== null && { usesLeft: row.usesLeft }),
    ...(row.labels !== null && { labels: row.labels }),
  };
}
