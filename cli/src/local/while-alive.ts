import type { Child } from './child.js';
import { crashed } from './coordinator-process.js';

/** The outcome of `work`, or `lab.unreachable` as soon as one of the programs ends by itself. */
export function whileAlive<T>(programs: readonly Child[], work: Promise<T>): Promise<T> {
  const ends = programs.map(async (program): Promise<never> => {
    await program.ended;
    throw crashed(program, 'ended by itself');
  });
  return Promise.race([work, ...ends]);
}
