import { join } from 'node:path';
import { type ErrorCode, errorStatus, LabError } from '@hilltop/contracts';
import type { Terminal } from '../shell/terminal.js';
import { Child, type ChildEnd, parseLog, readableLog } from './child.js';
import { builtEntry } from './entry-points.js';

export interface CoordinatorFlags {
  readonly dataDir: string;
  readonly port?: number;
  readonly mqttPort?: number;
  readonly listen?: string;
  readonly publicUrls?: readonly string[];
  readonly mqttUrl?: string;
}

/** What the coordinator says on standard output when it serves. */
export interface Listening {
  readonly url: string;
  readonly urls: readonly string[];
  readonly mqttPort?: number;
  /** Address with a one-time sign-in code. */
  readonly signInUrl: string;
  readonly dataDir: string;
}

export interface CoordinatorProcess {
  readonly child: Child;
  readonly listening: Listening;
}

/** Starts a coordinator and waits until it serves. Throws `lab.unreachable` with the end of its log when it does not. */
export async function startCoordinator(flags: CoordinatorFlags, terminal: Terminal): Promise<CoordinatorProcess> {
  let heard: (listening: Listening) => void = () => undefined;
  const listening = new Promise<Listening>((resolve) => (heard = resolve));
  const child = new Child({
    name: 'coordinator',
    args: [builtEntry('coordinator'), ...coordinatorArgs(flags)],
    logFile: join(flags.dataDir, 'logs', 'coordinator.log'),
    ...(terminal.env.HILLTOP_LOG && { onLog: (line: string) => terminal.err.write(`${line}\n`) }),
    onLine: (line) => {
      const said = parseListening(line);
      if (said) heard(said);
    },
  });
  const interrupted = new Promise<'interrupted'>((resolve) => {
    if (terminal.signal.aborted) resolve('interrupted');
    terminal.signal.addEventListener('abort', () => resolve('interrupted'), { once: true });
  });
  const first = await Promise.race([listening, child.ended, interrupted]);
  if (first === 'interrupted') {
    await child.stop();
    throw new LabError('run.cancelled', 'stopped by you');
  }
  if ('url' in first) return { child, listening: first };
  throw startFailure(child, first);
}

export function coordinatorArgs(flags: CoordinatorFlags): string[] {
  return [
    '--data',
    flags.dataDir,
    ...(flags.port === undefined ? [] : ['--port', String(flags.port)]),
    ...(flags.mqttPort === undefined ? [] : ['--mqtt-port', String(flags.mqttPort)]),
    ...(flags.listen === undefined ? [] : ['--listen', flags.listen]),
    ...(flags.publicUrls ?? []).flatMap((url) => ['--public-url', url]),
    ...(flags.mqttUrl === undefined ? [] : ['--mqtt-url', flags.mqttUrl]),
  ];
}

/** The `listening` line; undefined for any other. */
export function parseListening(line: string): Listening | undefined {
  try {
    const value = JSON.parse(line) as Partial<Listening>;
    if (typeof value?.url !== 'string' || typeof value.dataDir !== 'string' || typeof value.signInUrl !== 'string')
      return undefined;
    return {
      url: value.url,
      urls: Array.isArray(value.urls) ? value.urls.filter((url) => typeof url === 'string') : [value.url],
      ...(typeof value.mqttPort === 'number' && { mqttPort: value.mqttPort }),
      signInUrl: value.signInUrl,
      dataDir: value.dataDir,
    };
  } catch {
    return undefined;
  }
}

/** Why a coordinator did not start: what it said itself where that has a code, e.g. `lab.port-taken`. */
export function startFailure(child: Pick<Child, 'name' | 'logFile' | 'tail'>, end: ChildEnd): LabError {
  // Status 2: it did not understand its arguments, which are the person's.
  if (end.status === 2)
    return new LabError('usage.invalid', child.tail.at(-1) ?? 'the coordinator refused its arguments');
  const last = parseLog(child.tail.at(-1) ?? '');
  if (last?.level === 'fatal' && last.code && Object.hasOwn(errorStatus, last.code))
    return new LabError(last.code as ErrorCode, last.msg);
  return crashed(child, 'did not start');
}

/** The error for a program of the lab that ended by itself, with the end of its log. */
export function crashed(child: Pick<Child, 'name' | 'logFile' | 'tail'>, what: string): LabError {
  const tail = child.tail.map(readableLog);
  const log = tail.length > 0 ? `\n  ${tail.join('\n  ')}` : '';
  return new LabError('lab.unreachable', `the ${child.name} ${what}; the end of its log (${child.logFile}):${log}`, {
    program: child.name,
    tail,
  });
}
