import { type ErrorCode, errorText, isLabError, LabError, type Problem, problemOf } from '@hilltop/contracts';

/** 0 done; 1 it ran and the answer is no; 2 wrong use; 3 infrastructure. */
export type ExitStatus = 0 | 1 | 2 | 3;

/** Causes outside of what was asked: trying again later may help. */
const infrastructure: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'lab.unreachable',
  'lab.overloaded',
  'lab.internal',
  'lab.port-taken',
  'lab.data-locked',
  'lab.schema-newer',
  'link.unreachable',
  'link.rejected',
  'device.offline',
  'run.lost',
  'run.interrupted',
  'blob.corrupt',
  'runtime.missing',
  'runtime.failed',
  'journal.corrupt',
  'journal.full',
  'agent.data-locked',
  'agent.unsupported-platform',
  'database.bad-parameter',
  'wire.version',
  // Nothing to compare: neither yes nor no.
  'gate.no-overlap',
]);

/** The exit status that an error stands for. */
export function exitStatus(error: unknown): ExitStatus {
  if (!isLabError(error)) return 3;
  if (error.code === 'usage.invalid') return 2;
  return infrastructure.has(error.code) ? 3 : 1;
}

/** Anything thrown as problem details: what `--json` prints when a verb fails. */
export function problemOfAny(error: unknown): Problem {
  return problemOf(isLabError(error) ? error : new LabError('lab.internal', errorText(error)));
}
