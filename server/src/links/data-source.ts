import { migrations } from '@hilltop/migrations';
import { DataSource } from 'typeorm';
import { entities } from './entities.js';
import { SafeLibsql } from './safe-libsql.js';

/** Waiting for a lock blocks the event loop for its whole length, so it must be short. Only a backup ever holds one. */
const lockTimeoutMs = 250;

interface Pragmas {
  pragma(source: string): unknown;
}

/** The one connection that writes: on disk at each commit, also through a power cut. */
export function openWriter(file: string): Promise<DataSource> {
  return new DataSource({
    type: 'better-sqlite3',
    driver: SafeLibsql,
    database: file,
    timeout: lockTimeoutMs,
    enableWAL: true,
    prepareDatabase: (db: Pragmas) => {
      db.pragma('synchronous = FULL');
      db.pragma(`busy_timeout = ${lockTimeoutMs}`);
      db.pragma('journal_size_limit = 67108864');
      db.pragma('wal_autocheckpoint = 1000');
    },
    entities: [...entities],
    migrations: [...migrations],
    migrationsTransactionMode: 'all',
  }).initialize();
}

/** A second connection that cannot write; it sees what is committed. */
export function openReader(file: string): Promise<DataSource> {
  return new DataSource({
    type: 'better-sqlite3',
    driver: SafeLibsql,
    database: file,
    timeout: lockTimeoutMs,
    prepareDatabase: (db: Pragmas) => {
      db.pragma(`busy_timeout = ${lockTimeoutMs}`);
      db.pragma('query_only = ON');
    },
    entities: [...entities],
  }).initialize();
}
