import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from '@hilltop/contracts';
import { SafeLibsql } from './safe-libsql.js';

/** Holds a data directory for one coordinator. */
export interface DataLock {
  release(): void;
}

/**
 * Takes the directory (made if needed, 0700) or throws `lab.data-locked`. The lock is SQLite's own lock on a file, held
 * by the kernel for this process: it goes with the process, whatever ended it.
 */
export function lockData(dataDir: string): DataLock {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const connection = new SafeLibsql(join(dataDir, 'lock.db'), { timeout: 0 });
  try {
    connection.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    connection.close();
    throw new LabError(
      'lab.data-locked',
      `another coordinator already uses ${dataDir}; stop it, or choose another directory with --data`,
      { dataDir },
      { cause: error },
    );
  }
  return {
    release() {
      connection.exec('ROLLBACK');
      connection.close();
    },
  };
}
