import { LabError, type PageQuery, type User, type UserCreate } from '@hilltop/contracts';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { decodeCursor, page } from '../access/page.js';
import { newId } from '../ids.js';
import { Database } from '../links/database.js';
import { UserEntity } from './user.entity.js';

/** Name of the user that the first start makes. */
export const firstUser = 'admin';

@Injectable()
export class UserService implements OnModuleInit {
  constructor(private readonly database: Database) {}

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

  async #find(where: { id: string } | { name: string }): Promise<UserEntity> {
    const row = await this.database.reader.getRepository(UserEntity).findOneBy(where);
    if (!row) throw new LabError('request.not-found', 'there is no such user');
    return row;
  }
}

function toUser({ id, name, role, createdAt }: UserEntity): User {
  return { id, name, role, createdAt };
}
