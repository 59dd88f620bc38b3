import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LabError } from '@hilltop/contracts';
import type { DataSource } from 'typeorm';
import type { Log } from '../log.js';

/**
 * Runs the migrations that are pending. A database that already holds tables is copied first, to `backups/` beside it.
 * Throws `lab.schema-newer` when the database knows a migration that this version does not.
 */
export async function migrate(writer: DataSource, file: string, log: Log): Promise<void> {
  const tables: Array<{ name: string }> = await writer.query("SELECT name FROM sqlite_master WHERE type = 'table'");
  const known = writer.migrations.map((migration) => migration.name ?? migration.constructor.name);
  const done: Array<{ name: string }> = tables.some((table) => table.name === 'migrations')
    ? await writer.query('SELECT name FROM migrations ORDER BY id')
    : [];
  const newer = done.filter((row) => !known.includes(row.name)).map((row) => row.name);
  if (newer.length > 0) {
    throw new LabError(
      'lab.schema-newer',
      'this data directory was written by a newer version of Hilltop; start that version, or restore a copy from backups/ into an empty directory and use --data',
      { migrations: newer },
    );
  }
  const pending = known.filter((name) => !done.some((row) => row.name === name));
  if (pending.length === 0) return;
  if (done.length > 0) log.info({ copy: await copyBefore(writer, file, pending[0]!) }, 'kept a copy before migrating');
  await writer.runMigrations();
  log.info({ migrations: pending }, 'migrated');
}

async function copyBefore(writer: DataSource, file: string, migration: string): Promise<string> {
  const folder = join(dirname(file), 'backups');
  mkdirSync(folder, { recursive: true });
  let copy = join(folder, `before-${migration}.db`);
  for (let n = 2; existsSync(copy); n++) copy = join(folder, `before-${migration}-${n}.db`);
  await writer.query('VACUUM INTO ?', [copy]);
  return copy;
}
