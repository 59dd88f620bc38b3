import {
  type GuestSession,
  type GuestSessionCreate,
  guestHours,
  guestsPerInvitation,
  LabError,
} from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import { type EntityManager, IsNull, MoreThan } from 'typeorm';
import { hashSecret, mintSecret } from '../access/token-secret.js';
import { newId } from '../ids.js';
import { guestsAllowed } from '../lab/lab-setting.entity.js';
import { Database } from '../links/database.js';
import { TokenEntity } from '../tokens/token.entity.js';
import { InvitationEntity } from './invitation.entity.js';

const hourMs = 3_600_000;

/** How guests come in: the code of a link becomes a short-lived token that only reads. */
@Injectable()
export class GuestService {
  constructor(private readonly database: Database) {}

  /**
   * A browser that says which guest it was stays that guest. Throws `invitation.ended` for a code that is unknown, too old or
   * revoked, `invitation.full`, `invitation.off`.
   */
  enter({ code, again }: GuestSessionCreate): Promise<GuestSession> {
    return this.database.write((manager) => this.#enter(manager, code, again), { label: 'guest.enter' });
  }

  async #enter(manager: EntityManager, code: string, again: string | undefined): Promise<GuestSession> {
    if (!(await guestsAllowed(manager)))
      throw new LabError('invitation.off', 'this lab has switched guests off; ask its owner for a token');
    const now = new Date().toISOString();
    const invitation = await manager.findOneBy(InvitationEntity, { hash: hashSecret(code) });
    if (!invitation || invitation.revokedAt !== null || invitation.expiresAt <= now)
      throw new LabError('invitation.ended', 'this link has ended; ask for a new one');
    const before = again === undefined ? null : await manager.findOneBy(TokenEntity, { hash: hashSecret(again) });
    const known = before !== null && before.invitationId !== null ? before : undefined;
    const isLive = known && known.revokedAt === null && known.expiresAt !== null && known.expiresAt > now;
    if (again !== undefined && isLive && known.invitationId === invitation.id)
      return { token: again, name: known.name!, path: invitation.path, until: known.expiresAt! };
    const inside = await manager.countBy(TokenEntity, {
      invitationId: invitation.id,
      revokedAt: IsNull(),
      expiresAt: MoreThan(now),
    });
    if (inside >= guestsPerInvitation)
      throw new LabError('invitation.full', `${guestsPerInvitation} guests came by this link; ask for another one`);
    const number = known?.guestNumber ?? (await nextNumber(manager));
    const ends = Math.min(Date.parse(now) + guestHours * hourMs, Date.parse(invitation.expiresAt));
    const until = new Date(ends).toISOString();
    const token = mintSecret('svc');
    const name = `Guest ${number}`;
    await manager.insert(TokenEntity, {
      id: newId('tok'),
      kind: 'svc',
      hash: hashSecret(token),
      name,
      userId: null,
      role: 'viewer',
      usesLeft: null,
      labels: null,
      createdBy: null,
      createdAt: now,
      expiresAt: until,
      lastUsedOn: now.slice(0, 10),
      revokedAt: null,
      invitationId: invitation.id,
      guestNumber: number,
    });
    return { token, name, path: invitation.path, until };
  }
}

/** Guests are counted over the whole lab, for good. */
async function nextNumber(manager: EntityManager): Promise<number> {
  const found = await manager
    .createQueryBuilder(TokenEntity, 'token')
    .select('MAX(token.guestNumber)', 'last')
    .getRawOne<{ last: number | null }>();
  return Number(found?.last ?? 0) + 1;
}
