import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { EntityManager } from 'typeorm';
import { createLog } from '../log.js';
import { UserEntity } from '../users/user.entity.js';
import { Database } from './database.js';

const user = (id: string) => ({ id, name: id, role: 'viewer' as const, createdAt: '2026-01-01T00:00:00.000Z' });

describe('database', () => {
  let folder: string;
  let database: Database;
  const names = async () =>
    (await database.reader.getRepository(UserEntity).find({ order: { id: 'ASC' } })).map(({ id }) => id);

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hilltop-db-'));
    database = await Database.open(join(folder, 'hilltop.db'), createLog('silent'));
  });
  afterEach(async () => {
    await database.close();
    rmSync(folder, { recursive: true });
  });

  it('[DB-1] a rolled back write takes no other acknowledged write with it', async () => {
    let fail = (_error: Error): void => undefined;
    const stuck = new Promise<never>((_resolve, reject) => {
      fail = reject;
    });
    const first = database.write(async (manager) => {
      await manager.insert(UserEntity, user('first'));
      return stuck;
    });
    const second = database.write((manager) => manager.insert(UserEntity, user('second')));
    const third = database.write((manager) => manager.insert(UserEntity, user('third')));
    expect(database.writerQueueLength).toBe(3);
    fail(new Error('undo'));
    await expect(first).rejects.toThrow('undo');
    await Promise.all([second, third]);
    expect(await names()).toEqual(['second', 'third']);
    expect(database.writerQueueLength).toBe(0);
  });

  it('[DB-1] writes run in the order they were asked for', async () => {
    const order: number[] = [];
    await Promise.all(
      [0, 1, 2, 3].map((n) =>
        database.write(async () => {
          await Promise.resolve();
          order.push(n);
        }),
      ),
    );
    expect(order).toEqual([0, 1, 2, 3]);
  });

  it('[DB-2] what goes along with the first write is there with it, once, and never without it', async () => {
    const along = (id: string) => (manager: EntityManager) => manager.insert(UserEntity, user(`along-${id}`));
    await database.withFirstWrite(along('a'), async () => {
      await expect(
        database.write(async (manager) => {
          await manager.insert(UserEntity, user('undone'));
          throw new Error('undo');
        }),
      ).rejects.toThrow('undo');
      expect(await names()).toEqual([]);
      await Promise.all(['b', 'c'].map((id) => database.write((manager) => manager.insert(UserEntity, user(id)))));
    });
    let later: Promise<unknown> | undefined;
    await database.withFirstWrite(along('d'), async () => {
      later = new Promise((resolve) => setImmediate(resolve)).then(() =>
        database.write((manager) => manager.insert(UserEntity, user('e'))),
      );
    });
    await later;
    expect(await names()).toEqual(['along-a', 'b', 'c', 'e']);
  });

  it('[DB-2] a nested write joins: it sees the outer rows and goes with them', async () => {
    const seen = await database.write(async (manager) => {
      await manager.insert(UserEntity, user('outer'));
      return database.write(async (inner) => {
        await inner.insert(UserEntity, user('inner'));
        return inner.count(UserEntity);
      });
    });
    expect(seen).toBe(2);
    const failed = database.write(async (manager) => {
      await database.write((inner) => inner.insert(UserEntity, user('lost')));
      await manager.insert(UserEntity, user('lost'));
    });
    await expect(failed).rejects.toThrow(/UNIQUE/);
    expect(await names()).toEqual(['inner', 'outer']);
  });

  it('[DB-2] a failed nested write rolls back the whole, also when its error was caught', async () => {
    const write = database.write(async (manager) => {
      await manager.insert(UserEntity, user('outer'));
      await database.write(() => Promise.reject(new Error('half done'))).catch(() => undefined);
    });
    await expect(write).rejects.toThrow('half done');
    expect(await names()).toEqual([]);
  });

  it('[DB-2] a nested write that nobody waited for is still part of the transaction', async () => {
    await database.write(async () => {
      void database.write(async (manager) => {
        await Promise.resolve();
        await manager.insert(UserEntity, user('late'));
      });
    });
    expect(await names()).toEqual(['late']);
  });

  it('[DB-3] hooks run after the commit, see it, may write, and are dropped by a rollback', async () => {
    const seen: string[][] = [];
    const hooked = new Promise<void>((resolve) => {
      void database.write(async (manager) => {
        database.afterCommit(async () => {
          seen.push(await names());
          await database.write((inner) => inner.insert(UserEntity, user('hook')));
          resolve();
        });
        await manager.insert(UserEntity, user('row'));
      });
    });
    await hooked;
    await database
      .write(() => {
        database.afterCommit(() => {
          seen.push([]);
        });
        throw new Error('undo');
      })
      .catch(() => undefined);
    expect(seen).toEqual([['row']]);
    expect(await names()).toEqual(['hook', 'row']);
  });

  it('[DB-4] the reader sees committed rows only and cannot write', async () => {
    const before = await database.write(async (manager) => {
      await manager.insert(UserEntity, user('row'));
      return names();
    });
    expect(before).toEqual([]);
    expect(await names()).toEqual(['row']);
    await expect(database.reader.query('DELETE FROM user')).rejects.toThrow(/readonly/);
  });

  it('[DB-5] every commit is on disk: WAL with synchronous=FULL', async () => {
    const pragmas = await database.write(async (manager) => [
      await manager.query('PRAGMA journal_mode'),
      await manager.query('PRAGMA synchronous'),
      await manager.query('PRAGMA foreign_keys'),
    ]);
    expect(pragmas).toEqual([[{ journal_mode: 'wal' }], [{ synchronous: 2 }], [{ foreign_keys: 1 }]]);
  });
});
