import { LabError } from '@hilltop/contracts';
import Libsql from 'libsql';

type Bindable = null | undefined | number | string | bigint | Uint8Array;

type Method = (values: Bindable[]) => unknown;
type Statement = Record<'run' | 'get' | 'all' | 'iterate', Method>;
interface Connection {
  prepare(sql: string): Statement;
  pragma(source: string): unknown;
  exec(sql: string): void;
  close(): void;
}
// Its types are better-sqlite3's and promise generics that an override cannot keep.
const Unsafe = Libsql as unknown as new (file: string, options?: { timeout?: number }) => Connection;

/**
 * One parameter as libsql may see it. Buffers in an array are fine; a boolean, a Date, an object anywhere
 * aborts the whole process (tursodatabase/libsql-js#114), and a NUL cuts the text when it is read.
 */
function bindable(value: unknown): Bindable {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'bigint') return value;
  if (typeof value === 'string') {
    if (!value.includes('\0')) return value;
    throw new LabError('database.bad-parameter', 'text with a NUL character cannot be stored', { nul: true });
  }
  if (value instanceof Uint8Array) return value;
  throw new LabError('database.bad-parameter', `a value of type ${typeof value} cannot be stored; convert it first`);
}

/** libsql hands out blobs as ArrayBuffer where better-sqlite3, and so TypeORM, has Buffer. */
function withBuffers(result: unknown): unknown {
  for (const row of Array.isArray(result) ? result : [result]) {
    if (typeof row !== 'object' || row === null) continue;
    for (const [column, value] of Object.entries(row)) {
      if (value instanceof ArrayBuffer) Object.assign(row, { [column]: Buffer.from(value) });
    }
  }
  return result;
}

/**
 * libsql behind a guard: parameters always travel as one array of safe values. Every transaction of TypeORM takes
 * the write lock at once, since a deferred one that turns into a write fails with SQLITE_BUSY_SNAPSHOT.
 * Hand it to a DataSource as `driver`.
 */
export class SafeLibsql extends Unsafe {
  override prepare(sql: string): Statement {
    const statement = super.prepare(sql === 'BEGIN TRANSACTION' ? 'BEGIN IMMEDIATE' : sql);
    for (const method of ['run', 'get', 'all', 'iterate'] as const) {
      const original = statement[method].bind(statement);
      const rows = method === 'all' || method === 'get';
      const guarded = (...values: unknown[]) => {
        const result = original(values.flat().map(bindable));
        return rows ? withBuffers(result) : result;
      };
      Object.defineProperty(statement, method, { value: guarded });
    }
    return statement;
  }
}
