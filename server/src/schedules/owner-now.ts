import { allows, LabError } from '@hilltop/contracts';
import type { EntityManager } from 'typeorm';
import { requireLive } from '../access/access.service.js';
import type { Actor } from '../access/actor.js';
import { TokenEntity } from '../tokens/token.entity.js';
import { UserEntity } from '../users/user.entity.js';

/**
 * Who set something up, with what they may do today: a person whatever token they came by, a pipeline while its token lives.
 * Throws `auth.unknown`, `auth.revoked`, `auth.expired`, `auth.forbidden`.
 */
export async function ownerNow(manager: EntityManager, then: Actor, now: Date): Promise<Actor> {
  const actor =
    then.userId === undefined ? await pipeline(manager, then, now) : await person(manager, then, then.userId);
  if (!allows(actor.role, 'operator'))
    throw new LabError(
      'auth.forbidden',
      `${actor.name} is ${actor.role} now and starts no sweeps; add the schedule again`,
      {
        needs: 'operator',
        role: actor.role,
      },
    );
  return actor;
}

async function person(manager: EntityManager, then: Actor, userId: string): Promise<Actor> {
  const user = await manager.findOneBy(UserEntity, { id: userId });
  if (!user) throw new LabError('auth.unknown', `${then.name} is no user any more; add the schedule again`);
  return { tokenId: then.tokenId, userId, role: user.role, name: user.name };
}

async function pipeline(manager: EntityManager, then: Actor, now: Date): Promise<Actor> {
  const token = await manager.findOneBy(TokenEntity, { id: then.tokenId });
  if (!token?.role) throw new LabError('auth.unknown', `the token of ${then.name} is gone; add the schedule again`);
  requireLive(token, now);
  return { ...then, role: token.role };
}
