import { AsyncLocalStorage } from 'node:async_hooks';
import { errorText } from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import type { DataSource, EntityManager } from 'typeorm';
import type { Log } from '../log.js';
import { openReader, openWriter } from './data-source.js';
import { migrate } from './migrate.js';
import { WriteGate } from './write-gate.js';

export interface WriteOptions {
  /** What is written, for the log of slow writes. */
  readonly label?: string;
}

interface Transaction {
  readonly manager: EntityManager;
  readonly hooks: Array<() => void | Promise<void>>;
  readonly nested: Set<Promise<unknown>>;
  open: boolean;
  failure?: { readonly error: unknown };
}

type Companion = (manager: EntityManager) => Promise<unknown>;

/** What a request's first transaction takes along, innermost first. */
interface Companions {
  write: Companion | undefined;
  readonly outer: Companions | undefined;
}

/** A transaction that holds the gate this long has probably waited for a file or the network. */
const slowWriteMs = 1000;

/**
 * The only way to the database. Every write, also a single insert, is one queued transaction through `write`: TypeORM
 * shares one SQLite connection between all transactions, so anything written beside the gate could be rolled back by
 * a stranger after it was acknowledged. Reads use `reader`, which sees committed data only.
 */
@Injectable()
export class Database {
  readonly #gate = new WriteGate();
  readonly #current = new AsyncLocalStorage<Transaction>();
  readonly #companion = new AsyncLocalStorage<Companions>();
  #observe: (waitedMs: number) => void = () => undefined;

  private constructor(
    readonly reader: DataSource,
    private readonly writer: DataSource,
    private readonly log: Log,
  ) {}

  /**
   * Opens `file` and brings its schema up to date; a copy is kept before a filled database is migrated.
   * Throws `lab.schema-newer`.
   */
  static async open(file: string, log: Log): Promise<Database> {
    const writer = await openWriter(file);
    try {
      await migrate(writer, file, log);
      return new Database(await openReader(file), writer, log);
    } catch (error) {
      await writer.destroy();
      throw error;
    }
  }

  /** Writes that wait or run. */
  get writerQueueLength(): number {
    return this.#gate.length;
  }

  /** `observer` hears how long each write waited for the gate. */
  onGateWait(observer: (waitedMs: number) => void): void {
    this.#observe = observer;
  }

  /**
   * Runs `fn` in a transaction that has the write lock from its first moment and is on disk when the promise
   * resolves. No network or file may be awaited inside. A call inside `fn` joins its transaction; when a joined call
   * fails, the whole transaction is rolled back, even if its error was caught.
   */
  write<T>(fn: (manager: EntityManager) => Promise<T> | T, options: WriteOptions = {}): Promise<T> {
    const current = this.#current.getStore();
    if (current?.open) return this.#join(current, fn);
    const asked = performance.now();
    const companion = this.#companion.getStore();
    return this.#gate.run(async () => {
      const started = performance.now();
      this.#observe(started - asked);
      const { result, hooks } = await this.#transact(async (manager) => {
        const value = await fn(manager);
        for (let each = companion; each; each = each.outer) await each.write?.(manager);
        return value;
      });
      for (let each = companion; each; each = each.outer) each.write = undefined;
      const tookMs = performance.now() - started;
      if (tookMs > slowWriteMs) this.log.warn({ label: options.label, tookMs: Math.round(tookMs) }, 'slow write');
      // Outside the gate: a hook may write, and must not hold up those who wait.
      if (hooks.length > 0) this.#current.exit(() => queueMicrotask(() => this.#run(hooks)));
      return result;
    });
  }

  /** Runs `fn`; its first transaction that commits takes `write` along: both are there or neither. May be nested. */
  async withFirstWrite<T>(write: Companion, fn: () => Promise<T>): Promise<T> {
    const companion: Companions = { write, outer: this.#companion.getStore() };
    try {
      return await this.#companion.run(companion, fn);
    } finally {
      companion.write = undefined;
    }
  }

  /** Inside `write`: runs `hook` once the transaction is committed, never if it is rolled back. Elsewhere: at once. */
  afterCommit(hook: () => void | Promise<void>): void {
    const current = this.#current.getStore();
    if (current?.open) current.hooks.push(hook);
    else this.#run([hook]);
  }

  /** Waits for queued writes, folds the log into the file and closes both connections. */
  async close(): Promise<void> {
    await this.#gate.run(async () => {
      await this.reader.destroy();
      await this.writer.query('PRAGMA wal_checkpoint(TRUNCATE)');
      await this.writer.destroy();
    });
  }

  async #transact<T>(fn: (manager: EntityManager) => Promise<T> | T) {
    const hooks: Transaction['hooks'] = [];
    const result = await this.writer.transaction(async (manager) => {
      const transaction: Transaction = { manager, hooks, nested: new Set(), open: true };
      try {
        const value = await this.#current.run(transaction, async () => fn(manager));
        while (transaction.nested.size > 0) await Promise.allSettled(transaction.nested);
        if (transaction.failure) throw transaction.failure.error;
        return value;
      } finally {
        // What still runs in this context later is on its own.
        transaction.open = false;
      }
    });
    return { result, hooks };
  }

  #join<T>(transaction: Transaction, fn: (manager: EntityManager) => Promise<T> | T): Promise<T> {
    const nested = (async () => fn(transaction.manager))();
    transaction.nested.add(nested);
    nested.then(
      () => transaction.nested.delete(nested),
      (error: unknown) => {
        transaction.failure ??= { error };
        transaction.nested.delete(nested);
      },
    );
    return nested;
  }

  #run(hooks: ReadonlyArray<() => void | Promise<void>>): void {
    for (const hook of hooks) {
      // One hook's failure is not the next one's, and the commit stands.
      void (async () => hook())().catch((error: unknown) => this.log.error({ err: errorText(error) }, 'after commit'));
    }
  }
}
