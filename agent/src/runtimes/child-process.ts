import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { copyFile, link, mkdtemp, open, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Readable } from 'node:stream';
import { errorText } from '@hilltop/contracts';
import { parseStatus, parseVmstat, readText } from '../kernel-counters.js';
import type { MemoryGroups } from '../preparation/memory-groups.js';
import { type Caps, type CapTools, cappedCommand, groupedCommand } from './caps.js';
import { type ChildTask, FrameReader } from './child-wire.js';
import { type ChildExit, runFailure } from './outcome.js';

export interface ChildOptions {
  readonly script: string;
  readonly workDir: string;
  readonly artifactPath: string;
  readonly dataPath?: string;
  readonly caps: Caps;
  /** Where it gets a control group of its own. */
  readonly groups?: Pick<MemoryGroups, 'create' | 'remove'>;
  /** Processors it may run on, the kernel's list. */
  readonly affinity?: string;
  readonly timeoutMs: number;
  /** The task but for what only the private directory decides. */
  readonly task: Omit<ChildTask, 'modelPath' | 'parentPid' | 'memoryGroup'>;
  readonly onFrame: (type: number, payload: Buffer) => void;
  readonly onChild?: (pid: number | undefined) => void;
  readonly signal: AbortSignal;
}

const stderrKept = 8192;

/**
 * A young generation of 1 MiB: its growth to 16 would be counted as the model's memory. And V8 works in the measured thread alone: where a run has one core
 * its helpers made it wait for 1 to 4 % of the time, which is evidence against any run, and its garbage came and went with them (the peak of
 * memory of one net: 5.7 to 5.8 MB, with helpers 7.0 to 8.6). Median and p99 do not notice.
 */
const heapFlags = ['--max-semi-space-size=1', '--single-threaded'] as const;

/**
 * Runs the child once: private directory with the artifact alone, minimal environment, caps, own process
 * group, watchdog. Resolves with how it went, after the whole group is gone; an abort kills it at once.
 */
export async function runChild(options: ChildOptions): Promise<ChildExit> {
  options.signal.throwIfAborted();
  const data = options.dataPath === undefined ? undefined : await open(options.dataPath, 'r');
  try {
    return await inPrivate(options, ({ home, modelPath, group }) =>
      supervise(options, home, modelPath, data?.fd, group),
    );
  } finally {
    await data?.close();
  }
}

/** Where a process executes. */
export interface PrivatePlace {
  readonly home: string;
  readonly modelPath: string;
  /** Folder of the control group that was made for it. */
  readonly group: string | undefined;
}

/** Makes a private directory that holds the artifact alone, and a control group where that may be; both are gone afterwards. */
export async function inPrivate<T>(
  { workDir, artifactPath, groups }: Pick<ChildOptions, 'workDir' | 'artifactPath' | 'groups'>,
  work: (place: PrivatePlace) => Promise<T>,
): Promise<T> {
  const home = await mkdtemp(join(workDir, 'run-'));
  const group = groups?.create();
  try {
    const modelPath = join(home, 'model.onnx');
    await link(artifactPath, modelPath).catch(() => copyFile(artifactPath, modelPath));
    return await work({ home, modelPath, group });
  } finally {
    if (group !== undefined) groups?.remove(group);
    await rm(home, { recursive: true, force: true });
  }
}

function supervise(
  options: ChildOptions,
  home: string,
  modelPath: string,
  dataFd: number | undefined,
  group: string | undefined,
): Promise<ChildExit> {
  const { caps, affinity, timeoutMs, onChild, signal } = options;
  const frames = new FrameReader(options.onFrame);
  return launch({
    command: [process.execPath, ...heapFlags, options.script],
    home,
    caps,
    ...(affinity !== undefined && { affinity }),
    ...(group !== undefined && { group }),
    timeoutMs,
    ...(onChild && { onChild }),
    signal,
    stdio: ['pipe', 'ignore', 'pipe', 'pipe', dataFd ?? 'ignore'],
    onSpawn: (child) => {
      (child.stdio[3] as Readable).on('data', (bytes: Buffer) => frames.push(bytes));
      child.stdin!.end(
        JSON.stringify({
          ...options.task,
          modelPath,
          parentPid: process.pid,
          ...(group !== undefined && { memoryGroup: group }),
        } satisfies ChildTask),
      );
    },
  });
}

/** How a process that executes a model is started. */
export interface LaunchOptions {
  readonly command: readonly string[];
  /** Its private directory. */
  readonly home: string;
  readonly caps: Caps;
  readonly affinity?: string;
  /** Folder of the control group it enters. */
  readonly group?: string;
  readonly timeoutMs: number;
  /** Standard error, where it is a pipe, is kept to explain a silent end. */
  readonly stdio: StdioOptions;
  readonly onSpawn: (child: ChildProcess) => void;
  readonly onChild?: (pid: number | undefined) => void;
  readonly signal: AbortSignal;
}

/** Runs a command in its private directory: minimal environment, caps, own process group, watchdog. Resolves with how it went, after the whole group is gone. */
export function launch(options: LaunchOptions): Promise<ChildExit> {
  const { home, group } = options;
  const capped = cappedCommand(options.command, options.caps, capTools(), options.affinity).argv;
  const argv = group === undefined ? capped : groupedCommand(capped, group);
  const oomBefore = oomKills();
  const child = spawn(argv[0]!, argv.slice(1), {
    cwd: home,
    env: { PATH: '/usr/bin:/bin', HOME: home, TMPDIR: home, LANG: 'C' },
    detached: true,
    stdio: options.stdio,
  });
  let stderr = '';
  let timedOut = false;
  const kill = (): void => killGroup(child);
  const watchdog = setTimeout(() => {
    timedOut = true;
    kill();
  }, options.timeoutMs);
  options.signal.addEventListener('abort', kill, { once: true });
  child.stderr?.on('data', (bytes: Buffer) => {
    stderr = (stderr + bytes.toString('utf8')).slice(-stderrKept);
  });
  // A child that is gone before it read what it was told says so by its exit.
  child.stdin?.on('error', () => undefined);
  options.onSpawn(child);
  if (child.pid) options.onChild?.(child.pid);
  return new Promise<ChildExit>((resolve, reject) => {
    child.once('error', (error) =>
      reject(
        runFailure('runtime.failed', 'infrastructure', `the measuring process cannot be started: ${errorText(error)}`),
      ),
    );
    child.once('close', (code, signal) =>
      resolve({
        code: code ?? undefined,
        signal: signal ?? undefined,
        stderr,
        timedOut,
        oomKills: oomKills() - oomBefore,
        timeoutMs: options.timeoutMs,
      }),
    );
  }).finally(() => {
    clearTimeout(watchdog);
    options.signal.removeEventListener('abort', kill);
    kill();
    options.onChild?.(undefined);
  });
}

/** Ends the child's whole process group; it may be gone already. */
function killGroup(child: ChildProcess): void {
  if (child.pid) killProcessGroup(child.pid);
}

export function killProcessGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function oomKills(): number {
  const count = parseVmstat(readText('/', 'proc/vmstat') ?? '', 'oom_kill');
  return Number.isNaN(count) ? 0 : count;
}

/** MemAvailable, bytes; infinite where nobody says. */
export function freeMemoryBytes(): number {
  const kilobytes = parseStatus(readText('/', 'proc/meminfo') ?? '', 'MemAvailable');
  return Number.isNaN(kilobytes) ? Number.POSITIVE_INFINITY : kilobytes * 1024;
}

let found: CapTools | undefined;
/** util-linux's `prlimit`, `setpriv` and `taskset`, looked up once. */
export function capTools(): CapTools {
  if (!found) {
    const prlimit = onPath('prlimit');
    const setpriv = onPath('setpriv');
    const taskset = onPath('taskset');
    found = { ...(prlimit && { prlimit }), ...(setpriv && { setpriv }), ...(taskset && { taskset }) };
  }
  return found;
}

/** A program on the agent's path, or where systems have theirs. */
export function onPath(name: string): string | undefined {
  return [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/bin']
    .map((folder) => join(folder, name))
    .find(executable);
}

export function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Start of a process in clock ticks since boot: with its id it names one process for good. */
export function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
