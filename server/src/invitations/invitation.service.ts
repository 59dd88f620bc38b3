import {
  allows,
  type Invitation,
  InvitationCreate,
  type InvitationCreated,
  LabError,
  type PageQuery,
} from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import { type EntityManager, type FindOptionsWhere, IsNull, Not } from 'typeorm';
import type * as z from 'zod';
import { AccessService } from '../access/access.service.js';
import { type Actor, ownerOf } from '../access/actor.js';
import { decodeCursor, page } from '../access/page.js';
import { hashSecret, randomBase62 } from '../access/token-secret.js';
import { newId } from '../ids.js';
import { LabAddress } from '../lab/lab-address.js';
import { LabSettingEntity } from '../lab/lab-setting.entity.js';
import { Database } from '../links/database.js';
import { TokenEntity } from '../tokens/token.entity.js';
import { InvitationEntity } from './invitation.entity.js';

const codeLength = 30;
const hourMs = 3_600_000;

/** Links that let people in to watch: made and ended here. */
@Injectable()
export class InvitationService {
  constructor(
    private readonly database: Database,
    private readonly access: AccessService,
    private readonly address: LabAddress,
  ) {}

  /** The answer is the only place where the code stands. */
  async create(actor: Actor, wish: z.output<typeof InvitationCreate>): Promise<InvitationCreated> {
    const code = randomBase62(codeLength);
    const now = Date.now();
    const row: InvitationEntity = {
      id: newId('inv'),
      hash: hashSecret(code),
      path: wish.path,
      label: wish.label ?? null,
      owner: ownerOf(actor),
      createdBy: actor.name,
      createdAt: new Date(now).toISOString(),
      expiresAt: new Date(now + wish.expiresInHours * hourMs).toISOString(),
      revokedAt: null,
    };
    await this.database.write((manager) => manager.insert(InvitationEntity, row), { label: 'invitation.create' });
    return { invitation: view(row, 0), url: `${this.#outside()}${row.path}#guest=${code}`, code };
  }

  /** Newest first, those that have ended too. */
  async list(query: PageQuery): Promise<{ items: Invitation[]; next?: string }> {
    const rows = this.database.reader.getRepository(InvitationEntity).createQueryBuilder('invitation').where('1 = 1');
    if (query.cursor !== undefined)
      rows.andWhere('(invitation.createdAt, invitation.id) < (:at, :id)', { ...decodeCursor(query.cursor) });
    const found = await rows
      .orderBy('invitation.createdAt', 'DESC')
      .addOrderBy('invitation.id', 'DESC')
      .limit(query.limit + 1)
      .getMany();
    const counts = await this.#guestCounts();
    return page(
      found,
      query.limit,
      (row) => ({ at: row.createdAt, id: row.id }),
      (row) => view(row, counts.get(row.id) ?? 0),
    );
  }

  /** Ends a link and everybody who came by it, now. Who made it and admins. Throws `request.not-found`, `auth.forbidden`. */
  async revoke(actor: Actor, id: string): Promise<void> {
    await this.database.write(
      async (manager) => {
        const row = await manager.findOneBy(InvitationEntity, { id });
        if (!row) throw new LabError('request.not-found', 'there is no such invitation');
        if (row.owner !== ownerOf(actor) && !allows(actor.role, 'admin')) this.access.demand(actor, 'admin');
        const now = new Date().toISOString();
        if (row.revokedAt === null) await manager.update(InvitationEntity, { id }, { revokedAt: now });
        await this.#sendOut(manager, { invitationId: id }, now);
      },
      { label: 'invitation.revoke' },
    );
  }

  /** Whether links let guests in at all; off sends out those who are here. */
  async allow(guests: boolean): Promise<void> {
    await this.database.write(
      async (manager) => {
        await manager.upsert(LabSettingEntity, { name: 'guests', value: String(guests) }, ['name']);
        if (!guests) await this.#sendOut(manager, { invitationId: Not(IsNull()) }, new Date().toISOString());
      },
      { label: 'invitation.allow' },
    );
  }

  async #sendOut(manager: EntityManager, which: FindOptionsWhere<TokenEntity>, now: string): Promise<void> {
    const live = await manager.find(TokenEntity, { where: { ...which, revokedAt: IsNull() }, select: { id: true } });
    if (live.length === 0) return;
    await manager.update(TokenEntity, { ...which, revokedAt: IsNull() }, { revokedAt: now });
    this.database.afterCommit(() => {
      for (const { id } of live) this.access.announceRevoked(id);
    });
  }

  async #guestCounts(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.database.reader
      .getRepository(TokenEntity)
      .createQueryBuilder('token')
      .select('token.invitationId', 'invitation')
      .addSelect('COUNT(DISTINCT token.guestNumber)', 'guests')
      .where('token.invitationId IS NOT NULL')
      .groupBy('token.invitationId')
      .getRawMany<{ invitation: string; guests: number }>();
    return new Map(rows.map(({ invitation, guests }) => [invitation, Number(guests)]));
  }

  /** The address others reach, where the lab has one. */
  #outside(): string {
    const { urls } = this.address;
    return (urls.find((url) => !/^https?:\/\/(127\.|localhost|\[::1\])/.test(url)) ?? urls[0] ?? '').replace(
      /\/+$/,
      '',
    );
  }
}

function view(row: InvitationEntity, guests: number): Invitation {
  return {
    id: row.id,
    path: row.path,
    createdBy: row.createdBy,
    createdAt: row.createdAt,
    expiresAt: row.expiresAt,
    guests,
    ...(row.label !== null && { label: row.label }),
    ...(row.revokedAt !== null && { revokedAt: row.revokedAt }),
  };
}
