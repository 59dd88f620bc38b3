import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrations } from '@hilltop/migrations';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { createLog } from '../log.js';
import { openWriter } from './data-source.js';
import { migrate } from './migrate.js';

const log = createLog('silent');
const schemaOf = (db: DataSource): Promise<unknown> =>
  db.query(
    "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' AND name <> 'migrations' ORDER BY type, name",
  );

describe('migrations', () => {
  let folder: string;
  let file: string;
  let writer: DataSource;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hilltop-migrate-'));
    file = join(folder, 'hilltop.db');
    writer = await openWriter(file);
  });
  afterEach(async () => {
    await writer.destroy();
    rmSync(folder, { recursive: true });
  });

  it('[DB-8] up, down and up again end with the same schema, and down with none', async () => {
    await migrate(writer, file, log);
    const first = await schemaOf(writer);
    for (const _each of migrations) await writer.undoLastMigration();
    expect(await schemaOf(writer)).toEqual([]);
    await migrate(writer, file, log);
    expect(await schemaOf(writer)).toEqual(first);
  });

  it('[DB-8] the entities want nothing that the migrations did not make', async () => {
    await migrate(writer, file, log);
    const wanted = await writer.driver.createSchemaBuilder().log();
    expect(wanted.upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('[DB-9] a filled database is copied before it is migrated, an empty one is not', async () => {
    await migrate(writer, file, log);
    expect(existsSync(join(folder, 'backups'))).toBe(false);
    await writer.query("INSERT INTO user VALUES ('usr_1', 'Ada', 'admin', '2026-01-01T00:00:00.000Z')");
    // As if the last migration had just been added: its tables are taken away.
    await writer.undoLastMigration();
    const count: number = migrations.length;
    if (count === 1) await writer.query("INSERT INTO migrations (timestamp, name) SELECT 0, 'none' WHERE 0");
    await migrate(writer, file, log);
    expect(existsSync(join(folder, 'backups'))).toBe(count > 1);
    await migrate(writer, file, log);
    expect(existsSync(join(folder, 'backups')) ? readdirSync(join(folder, 'backups')).length : 0).toBe(
      count > 1 ? 1 : 0,
    );
  });

  it('[DB-10] a newer schema is refused and left alone', async () => {
    await migrate(writer, file, log);
    await writer.query("INSERT INTO migrations (timestamp, name) VALUES (9999999999999, 'Future9999999999999')");
    await expect(migrate(writer, file, log)).rejects.toMatchObject({
      code: 'lab.schema-newer',
      details: { migrations: ['Future9999999999999'] },
    });
  });
});
