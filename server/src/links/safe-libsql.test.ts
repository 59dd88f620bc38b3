import { LabError } from '@hilltop/contracts';
import { afterAll, describe, expect, it } from '@jest/globals';
import { SafeLibsql } from './safe-libsql.js';

const db = new SafeLibsql(':memory:');
const codeOf = (act: () => unknown): string | undefined => {
  try {
    act();
    return undefined;
  } catch (error) {
    return error instanceof LabError ? error.code : String(error);
  }
};

describe('safe libsql', () => {
  afterAll(() => db.close());

  // Each of these, alone, ends the process when libsql gets it.
  it.each([
    ['an object', {}],
    ['a Date', new Date(0)],
    ['a Map', new Map()],
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['an array in an array', [[1]]],
    ['text with NUL', 'a\0b'],
  ])('[DB-6] %s as a parameter throws and the process lives', (_name, value) => {
    for (const method of ['run', 'get', 'all', 'iterate'] as const) {
      const statement = db.prepare('SELECT ? AS v');
      expect(codeOf(() => (statement[method] as (...values: unknown[]) => unknown)(value))).toBe(
        'database.bad-parameter',
      );
    }
  });

  it('[DB-6] what SQL knows goes in and comes out', () => {
    const all = (value: unknown) => (db.prepare('SELECT ? AS v').all as (...values: unknown[]) => unknown)(value);
    expect([1, 1.5, 'é🙂', null, true, false].map(all)).toEqual([
      [{ v: 1 }],
      [{ v: 1.5 }],
      [{ v: 'é🙂' }],
      [{ v: null }],
      [{ v: 1 }],
      [{ v: 0 }],
    ]);
    const [row] = all(Buffer.from([1, 2, 3])) as [{ v: Uint8Array }];
    expect([...row.v]).toEqual([1, 2, 3]);
    expect(all([7])).toEqual([{ v: 7 }]);
    expect(all('\ud800')).toEqual([{ v: '\ufffd' }]);
  });

  it('[DB-7] a transaction takes the write lock at its beginning', () => {
    const seen: string[] = [];
    class Spy extends SafeLibsql {
      override prepare(sql: string) {
        const statement = super.prepare(sql);
        seen.push(sql);
        return statement;
      }
    }
    const spied = new Spy(':memory:');
    spied.prepare('BEGIN TRANSACTION').run([]);
    // A deferred transaction has no lock yet; this one is in a write transaction already.
    expect(codeOf(() => spied.prepare('BEGIN TRANSACTION').run([]))).toMatch(/within a transaction/);
    spied.prepare('ROLLBACK').run([]);
    spied.close();
    expect(seen).toContain('BEGIN TRANSACTION');
  });
});
