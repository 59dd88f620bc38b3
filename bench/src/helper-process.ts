import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from '../../test/support/lab.js';

/** A process of our own that answers one question at a time; its script ends with `answering`. */
export class HelperProcess {
  private readonly child: ChildProcess;
  private readonly failed: Promise<never>;

  /** `script`: a file of this folder, without its ending. */
  constructor(script: string) {
    this.child = fork(join(root, 'bench/dist/bench/src', `${script}.js`), { execArgv: [] });
    this.failed = once(this.child, 'exit').then(([code]) => {
      throw new Error(`${script} ended with ${String(code)}`);
    });
    this.failed.catch(() => undefined); // whoever asks next is told
  }

  get pid(): number {
    return this.child.pid!;
  }

  async ask<T>(question: unknown): Promise<T> {
    const answer = once(this.child, 'message').then(([value]) => value as T);
    this.child.send(question as object);
    return Promise.race([answer, this.failed]);
  }

  stop(): void {
    this.child.kill();
  }
}

/** The other end: answers every question that comes. A failure ends the process. */
export function answering<Q, A>(answer: (question: Q) => Promise<A>): void {
  process.on('message', (question) => {
    answer(question as Q).then(
      (value) => process.send!(value ?? 'done'),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
        process.exit(1);
      },
    );
  });
}
