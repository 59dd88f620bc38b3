import { appendFileSync } from 'node:fs';
import type { Subject } from './runtime.js';

/** Notes outside the system, by the agent itself, when something else than its own child, a board or a foreign program, begins and ends to execute. Tests only. */
export async function noted<T>({ groundTruth }: Pick<Subject, 'groundTruth'>, work: () => Promise<T>): Promise<T> {
  const note = (edge: 'start' | 'end'): void => {
    if (groundTruth) appendFileSync(groundTruth.path, `${edge} ${groundTruth.what} ${process.hrtime.bigint()}\n`);
  };
  note('start');
  try {
    return await work();
  } finally {
    note('end');
  }
}
