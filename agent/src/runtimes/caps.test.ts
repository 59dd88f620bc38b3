import { describe, expect, it } from '@jest/globals';
import { cappedCommand, capsFor } from './caps.js';
import { outcomeOf, runErrorOf, runFailure } from './outcome.js';

const gib = 2 ** 30;

describe('caps', () => {
  it('[EXEC-7] are 1 GiB or four artifacts, at most 75 % of what is free', () => {
    expect(capsFor(1e6, 100 * gib, 60_000, 2)).toEqual({ memoryBytes: gib, cpuS: 180 });
    expect(capsFor(gib, 100 * gib, 60_000, 1).memoryBytes).toBe(4 * gib);
    expect(capsFor(gib, 2 * gib, 60_000, 1).memoryBytes).toBe(1.5 * gib);
  });

  it('[EXEC-7] are set by prlimit where it is; the child dies with its agent where setpriv is', () => {
    const caps = { memoryBytes: gib, cpuS: 60 };
    expect(cappedCommand(['node', 'x'], caps, { prlimit: '/usr/bin/prlimit', setpriv: '/usr/bin/setpriv' })).toEqual({
      argv: [
        '/usr/bin/setpriv',
        '--pdeathsig',
        'KILL',
        '--',
        '/usr/bin/prlimit',
        '--data=1073741824',
        '--cpu=60:65',
        '--nofile=256',
        '--core=0',
        '--',
        'node',
        'x',
      ],
      caps: 'prlimit',
    });
    expect(cappedCommand(['node', 'x'], caps, {})).toEqual({ argv: ['node', 'x'], caps: 'none' });
  });

  it('[PREP-14] the measured process is bound to the processors of the list, under every cap', () => {
    const taskset = '/usr/bin/taskset';
    const caps = { memoryBytes: gib, cpuS: 60 };
    const { argv } = cappedCommand(['node', 'x'], caps, { prlimit: '/usr/bin/prlimit', taskset }, '2-3');
    expect(argv.slice(-6)).toEqual(['--', taskset, '-c', '2-3', 'node', 'x']);
    expect(cappedCommand(['node'], caps, { taskset }, '0').argv).toEqual([taskset, '-c', '0', 'node']);
    expect(cappedCommand(['node'], caps, { taskset }).argv).toEqual(['node']);
  });
});

describe('outcomeOf', () => {
  const exit = { code: undefined, signal: undefined, stderr: '', timedOut: false, oomKills: 0, timeoutMs: 1000 };
  it.each([
    ['hang', { signal: 'SIGKILL', timedOut: true }, 'run.timeout', 'user'],
    ['processor limit', { signal: 'SIGXCPU' }, 'run.cpu-limit', 'user'],
    ['segmentation fault', { signal: 'SIGSEGV' }, 'run.crashed', 'user'],
    [
      'bad_alloc',
      { signal: 'SIGABRT', stderr: "terminate called after throwing an instance of 'std::bad_alloc'" },
      'run.out-of-memory',
      'user',
    ],
    [
      'heap of V8',
      { signal: 'SIGABRT', stderr: 'FATAL ERROR: Reached heap limit - JavaScript heap out of memory' },
      'run.out-of-memory',
      'user',
    ],
    ['kernel OOM killer', { signal: 'SIGKILL', oomKills: 1 }, 'run.out-of-memory', 'device'],
    ['killed from outside', { signal: 'SIGKILL' }, 'run.crashed', 'infrastructure'],
    ['status 1', { code: 1, stderr: 'x\nboom' }, 'run.crashed', 'user'],
    ['silent end', { code: 0 }, 'run.crashed', 'infrastructure'],
  ] as const)('[EXEC-6] %s', (_, over, code, cause) => {
    expect(runErrorOf(outcomeOf({ ...exit, ...over }))).toEqual({ code, cause, message: expect.any(String) });
  });

  it("an error without a cause is the lab's own", () => {
    expect(runErrorOf(new Error('x'))).toEqual({ code: 'runtime.failed', message: 'x', cause: 'infrastructure' });
    expect(runErrorOf(runFailure('run.timeout', 'user', 'y'))).toEqual({
      code: 'run.timeout',
      message: 'y',
      cause: 'user',
    });
  });
});
