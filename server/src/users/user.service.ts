import { LabError, type PageQuery, type User, type UserCreate, type UserUpdate } from '@hilltop/contracts';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type EntityManager, IsNull } from 'typeorm';
import { AccessService } from '../access/access.service.js';
import { decodeCursor, page } from '../access/page.js';
import { newId } from '../ids.js';
import { Database } from '../links/database.js';
import { TokenEntity } from '../tokens/token.entity.js';
import { UserEntity } from './user.entity.js';

/** Name of the user that the first start makes. */
export const firstUser = 'admin';

@Injectable()
export class UserService implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly access: AccessService,
  ) {}

  /** A lab always has somebody who may do everything. */
  async onModuleInit(): Promise<void> {
    if ((await this.database.reader.getRepository(UserEntity).count()) === 0)
      await this.create({ name: firstUser, role: 'admin' });
  }

  /** Throws `request.conflict` when the name is taken. */
  async create(wish: UserCreate): Promise<User> {
    const user = { id: newId('usr'), name: wish.name, role: wish.role, createdAt: new Date().toISOString() };
    await this.database.write(
      async (manager) => {
        if (await manager.existsBy(UserEntity, { name: user.name })) {
          throw new LabError('request.conflict', `there is a user ${user.name} already; choose another name`);
        }
        await manager.insert(UserEntity, user);
      },
      { label: 'user.create' },
    );
    return user;
  }

  async list(query: PageQuery): Promise<{ items: User[]; next?: string }> {
    const rows = this.database.reader.getRepository(UserEntity).createQueryBuilder('user');
    if (query.cursor !== undefined) {
      const { at, id } = decodeCursor(query.cursor);
      rows.where('(user.createdAt, user.id) > (:at, :id)', { at, id });
    }
    const found = await rows
      .orderBy('user.createdAt')
      .addOrderBy('user.id')
      .limit(query.limit + 1)
      .getMany();
    return page(found, query.limit, (row) => ({ at: row.createdAt, id: row.id }), toUser);
  }

  /** Throws `request.not-found`. */
  async get(id: string): Promise<User> {
    return toUser(await this.#find({ id }));
  }

  /** Throws `request.not-found`. */
  async byName(name: string): Promise<User> {
    return toUser(await this.#find({ name }));
  }

  /** Whom the machine's own token belongs to: the first user, or the oldest admin where that one is gone or is none any more. */
  async owner(): Promise<User> {
    const admins = await this.database.reader
      .getRepository(UserEntity)
      .find({ where: { role: 'admin' }, order: { createdAt: 'ASC', id: 'ASC' } });
    const owner = admins.find(({ name }) => name === firstUser) ?? admins[0];
    if (!owner) throw new LabError('request.not-found', 'this lab has no admin');
    return toUser(owner);
  }

  /** Throws `request.not-found`, `request.conflict`, `user.last-admin`. */
  async update(id: string, update: UserUpdate): Promise<User> {
    const row = await this.database.write(
      async (manager) => {
        const before = await this.#inside(manager, id);
        if (update.name !== undefined && update.name !== before.name) {
          if (await manager.existsBy(UserEntity, { name: update.name }))
            throw new LabError('request.conflict', `there is a user ${update.name} already; choose another name`);
        }
        if (update.role !== undefined && update.role !== 'admin') await requireOtherAdmin(manager, before);
        const change = {
          ...(update.name !== undefined && { name: update.name }),
          ...(update.role !== undefined && { role: update.role }),
        };
        await manager.update(UserEntity, { id }, change);
        // Open screens connect again, as who they are now.
        await this.#cut(manager, id);
        return { ...before, ...change };
      },
      { label: 'user.update' },
    );
    return toUser(row);
  }

  /** The user and all their tokens go; what they made stays. Throws `request.not-found`, `user.last-admin`. */
  async remove(id: string): Promise<void> {
    await this.database.write(
      async (manager) => {
        await requireOtherAdmin(manager, await this.#inside(manager, id));
        await this.#cut(manager, id);
        await manager.update(TokenEntity, { userId: id, revokedAt: IsNull() }, { revokedAt: new Date().toISOString() });
        await manager.delete(UserEntity, { id });
      },
      { label: 'user.remove' },
    );
  }

  /** When a token ends; undefined: never. */
  async tokenEnds(tokenId: string): Promise<string | undefined> {
    const row = await this.database.reader.getRepository(TokenEntity).findOneBy({ id: tokenId });
    return row?.expiresAt ?? undefined;
  }

  async #inside(manager: EntityManager, id: string): Promise<UserEntity> {
    const row = await manager.findOneBy(UserEntity, { id });
    if (!row) throw new LabError('request.not-found', 'there is no such user');
    return row;
  }

  /** Closes the connections of a user's tokens, after the commit. */
  async #cut(manager: EntityManager, userId: string): Promise<void> {
    const tokens = await manager.find(TokenEntity, { where: { userId, revokedAt: IsNull() }, select: { id: true } });
    this.database.afterCommit(() => {
      for (const { id } of tokens) this.access.announceRevoked(id);
    });
  }

  async #find(where: { id: string } | { name: string }): Promise<UserEntity> {
    const row = await this.database.reader.getRepository(UserEntity).findOneBy(where);
    if (!row) throw new LabError('request.not-found', 'there is no such user');
    return row;
  }
}

/** A lab nobody administers cannot be mended from inside. */
async function requireOtherAdmin(manager: EntityManager, user: UserEntity): Promise<void> {
  if (user.role === 'admin' && (await manager.countBy(UserEntity, { role: 'admin' })) < 2)
    throw new LabError('user.last-admin', `${user.name} is the last admin; make somebody else admin first`);
}

function toUser({ id, name, role, createdAt }: UserEntity): User {
  return { id, name, role, createdAt };
}
