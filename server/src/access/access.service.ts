import { timingSafeEqual } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { type Access, allows, LabError } from '@hilltop/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { guestsAllowed } from '../lab/lab-setting.entity.js';
import { Database } from '../links/database.js';
import { LOG, type Log } from '../log.js';
import { TokenEntity } from '../tokens/token.entity.js';
import { UserEntity } from '../users/user.entity.js';
import type { Actor } from './actor.js';
import { hashSecret, kindOfSecret } from './token-secret.js';

/** Who the bearer of a token is, and what that allows. */
@Injectable()
export class AccessService {
  readonly #revocations = new EventEmitter().setMaxListeners(0);
  /** Token -> day on which its use was noted. */
  readonly #touched = new Map<string, string>();

  constructor(
    private readonly database: Database,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /**
   * The actor behind a secret. Throws `auth.missing`, `auth.malformed`, `auth.unknown`, `auth.revoked`, `auth.expired`,
   * or `auth.forbidden` for a join token, which only lets an agent enrol.
   */
  async authenticate(secret: string | undefined): Promise<Actor> {
    if (!secret) throw new LabError('auth.missing', 'sign in, or send a token as `Authorization: Bearer …`');
    const kind = kindOfSecret(secret);
    if (!kind) throw new LabError('auth.malformed', 'this is not a token of a lab; copy it again');
    if (kind === 'join')
      throw new LabError('auth.forbidden', 'a join token only lets an agent enrol; use a usr or svc token');
    const token = await this.find(secret);
    requireLive(token);
    if (token.invitationId !== null) await this.#requireGuests();
    const user = token.userId === null ? undefined : await this.#user(token.userId);
    const role = user?.role ?? token.role;
    if (!role) throw new LabError('auth.unknown', 'the user of this token is gone; sign in again');
    this.#touch(token);
    return {
      tokenId: token.id,
      role,
      name: user?.name ?? token.name ?? token.id,
      ...(user && { userId: user.id }),
      ...(token.invitationId !== null && { guest: true as const }),
    };
  }

  /** Throws `auth.forbidden` for a guest where guests have nothing to do. */
  demandMember(actor: Actor): void {
    if (actor.guest)
      throw new LabError('auth.forbidden', `you are watching as ${actor.name}; sign in to take part`, { guest: true });
  }

  /** Throws `auth.forbidden` unless the actor's role is enough. */
  demand(actor: Actor, access: Access): void {
    if (!allows(actor.role, access)) {
      throw new LabError('auth.forbidden', `this needs the role ${access}; you are ${actor.role}`, {
        needs: access,
        role: actor.role,
      });
    }
  }

  /** The stored token of a secret. Throws `auth.unknown`. */
  async find(secret: string): Promise<TokenEntity> {
    const hash = hashSecret(secret);
    const token = await this.database.reader.getRepository(TokenEntity).findOneBy({ hash });
    if (!token || !timingSafeEqual(Buffer.from(token.hash), Buffer.from(hash))) {
      throw new LabError(
        'auth.unknown',
        'this lab does not know the token; make a new one with `hilltop token create`',
      );
    }
    return token;
  }

  /** Tells everyone who holds a connection for the token that it is over. */
  announceRevoked(tokenId: string): void {
    this.#revocations.emit('revoked', tokenId);
  }

  /** `listener` hears of each revoked token at once; call the answer to stop listening. */
  onRevoked(listener: (tokenId: string) => void): () => void {
    this.#revocations.on('revoked', listener);
    return () => this.#revocations.off('revoked', listener);
  }

  async #requireGuests(): Promise<void> {
    if (!(await guestsAllowed(this.database.reader.manager)))
      throw new LabError('auth.revoked', 'this lab has switched guests off; ask its owner for a token');
  }

  async #user(id: string): Promise<UserEntity> {
    const user = await this.database.reader.getRepository(UserEntity).findOneBy({ id });
    if (!user) throw new LabError('auth.unknown', 'the user of this token is gone; sign in again');
    return user;
  }

  /** At most one write a day per token; nobody who reads waits for it. */
  #touch(token: TokenEntity): void {
    const today = new Date().toISOString().slice(0, 10);
    if (token.lastUsedOn === today || this.#touched.get(token.id) === today) return;
    this.#touched.set(token.id, today);
    this.database
      .write((manager) => manager.update(TokenEntity, { id: token.id }, { lastUsedOn: today }), {
        label: 'token.lastUsedOn',
      })
      .catch((error: unknown) => this.log.warn({ err: error }, 'the use of a token was not noted'));
  }
}

/** Throws `auth.revoked` or `auth.expired`. */
export function requireLive(token: Pick<TokenEntity, 'revokedAt' | 'expiresAt'>, now = new Date()): void {
  if (token.revokedAt !== null) throw new LabError('auth.revoked', 'this token was revoked; make a new one');
  if (token.expiresAt !== null && token.expiresAt <= now.toISOString()) {
    throw new LabError('auth.expired', 'this token has expired; make a new one');
  }
}
