/** First come, first served: one task at a time. SQLite has one writer, and TypeORM one connection for all transactions. */
export class WriteGate {
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** Tasks that wait or run. */
  get length(): number {
    return this.#waiting;
  }

  /** Runs `task` after all earlier ones ended, whether they succeeded or not. */
  run<T>(task: () => Promise<T>): Promise<T> {
    this.#waiting += 1;
    const result = this.#tail.then(task).finally(() => {
      this.#waiting -= 1;
    });
    // The next task must not see this one's failure; its own caller does.
    this.#tail = result.catch(() => undefined);
    return result;
  }
}
