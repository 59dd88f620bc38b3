import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from '../../test/support/lab.js';

/** A process of a bench that answers each message with one of its own. */
export class BenchChild {
  private constructor(private readonly child: ChildProcess) {}

  /** Starts `bench/src/<name>.ts` as it was built. */
  static start(name: string): BenchChild {
    const child = fork(join(root, `bench/dist/bench/src/${name}.js`), { execArgv: [] });
    child.on('error', () => undefined);
    return new BenchChild(child);
  }

  /** Rejects when the process ends instead. */
  async ask<T>(name: string, argument?: unknown): Promise<T> {
    const ended = new AbortController();
    const { signal } = ended;
    try {
      const answer = Promise.race([
        once(this.child, 'message', { signal }).then(([answer]) => (answer as { value: T }).value),
        once(this.child, 'exit', { signal }).then(([code]): T => {
          throw new Error(`a process of the bench ended with ${String(code)}`);
        }),
      ]);
      this.child.send({ name, argument });
      return await answer;
    } finally {
      ended.abort();
    }
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  stop(): void {
    this.child.kill('SIGKILL');
  }
}

/** In the child: carries out one message after the other. */
export function serve(handlers: { readonly [name: string]: (argument: never) => Promise<unknown> }): void {
  process.on('message', (message: { name: string; argument: never }) => {
    const handler = handlers[message.name];
    if (!handler) throw new Error(`no such order: ${message.name}`);
    handler(message.argument).then(
      (value) => process.send!({ value }),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
}
