import { type Cause, type ErrorCode, errorText, isLabError, LabError, type RunError } from '@hilltop/contracts';

/** A run's failure with who has to act on it. */
export function runFailure(code: ErrorCode, cause: Cause, message: string): LabError {
  return new LabError(code, message, { cause });
}

/** Any error as a run's error: what carries no cause is the lab's own, and tried again. */
export function runErrorOf(error: unknown): RunError {
  const code = isLabError(error) ? error.code : 'runtime.failed';
  const cause = isLabError(error) ? error.details.cause : undefined;
  return {
    code,
    message: errorText(error).slice(0, 2000),
    cause: cause === 'user' || cause === 'device' ? cause : 'infrastructure',
  };
}

/** How a child went that did not say why. */
export interface ChildExit {
  readonly code: number | undefined;
  readonly signal: string | undefined;
  /** End of what it wrote on standard error. */
  readonly stderr: string;
  /** The watchdog killed it. */
  readonly timedOut: boolean;
  /** The kernel's out-of-memory killer was at work meanwhile. */
  readonly oomKills: number;
  readonly timeoutMs: number;
}

/** The result that a silent end stands for. */
export function outcomeOf(exit: ChildExit): LabError {
  const tail = exit.stderr.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
  if (exit.timedOut)
    return runFailure(
      'run.timeout',
      'user',
      `a process took longer than ${exit.timeoutMs / 1000} s and was stopped; the model may never end`,
    );
  if (exit.signal === 'SIGXCPU')
    return runFailure('run.cpu-limit', 'user', 'the model used up its processor time; it may never end');
  if (/bad_alloc|heap out of memory|Failed to allocate|out of memory/i.test(exit.stderr))
    return runFailure('run.out-of-memory', 'user', `the model asks for more memory than its cap allows: ${tail}`);
  if (exit.signal === 'SIGKILL') {
    return exit.oomKills > 0
      ? runFailure(
          'run.out-of-memory',
          'device',
          'the kernel ended the process: the device has too little memory for it',
        )
      : runFailure('run.crashed', 'infrastructure', 'the process was killed from outside');
  }
  if (exit.signal)
    return runFailure('run.crashed', 'user', `the process crashed with ${exit.signal}${tail && `: ${tail}`}`);
  return runFailure(
    'run.crashed',
    exit.code === 0 ? 'infrastructure' : 'user',
    `the process ended with status ${exit.code} and no result${tail && `: ${tail}`}`,
  );
}
