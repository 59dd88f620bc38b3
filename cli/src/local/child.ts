import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, renameSync, statSync, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

export interface ChildOptions {
  readonly name: string;
  /** Entry point and arguments; run by this Node. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Its standard error goes here ... */
  readonly logFile: string;
  /** ... or line by line to here. */
  readonly onLog?: (line: string) => void;
  /** Lines of its standard output. */
  readonly onLine?: (line: string) => void;
}

export interface ChildEnd {
  readonly status: number | undefined;
  readonly signal: string | undefined;
}

/** Lines of its log that are kept to explain a crash. */
const tailLines = 20;
/** A log file larger than this is set aside at the next start: one old file is kept. */
const logFileLimit = 10_000_000;
/** A child that was asked to end has so long before it is killed. */
const graceMs = 15_000;

/** A program of the lab as a child process. */
export class Child {
  readonly name: string;
  readonly logFile: string;
  readonly ended: Promise<ChildEnd>;
  private readonly process: ChildProcessByStdio<null, Readable, Readable>;
  private readonly tailBuffer: string[] = [];
  private readonly log: WriteStream | undefined;

  constructor(options: ChildOptions) {
    this.name = options.name;
    this.logFile = options.logFile;
    this.log = options.onLog ? undefined : openLog(options.logFile);
    // A group of its own: Ctrl-C reaches hilltop alone, which then ends the agent before the coordinator.
    // The IPC channel carries nothing; when hilltop dies it closes, and the child ends too.
    this.process = spawn(process.execPath, [...options.args], {
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
    }) as ChildProcessByStdio<null, Readable, Readable>;
    createInterface({ input: this.process.stderr }).on('line', (line) => {
      this.tailBuffer.push(line);
      if (this.tailBuffer.length > tailLines) this.tailBuffer.shift();
      if (options.onLog) options.onLog(line);
      else this.log?.write(`${line}\n`);
    });
    createInterface({ input: this.process.stdout }).on('line', (line) => options.onLine?.(line));
    this.ended = new Promise((resolve) => {
      this.process.once('error', (error) => {
        this.tailBuffer.push(error.message);
        resolve({ status: undefined, signal: undefined });
      });
      this.process.once('close', (status, signal) => {
        const end = (): void => resolve({ status: status ?? undefined, signal: signal ?? undefined });
        // What explains its end is in the file before anybody hears of it; a file that cannot be written holds up nobody.
        if (!this.log || this.log.errored) end();
        else this.log.once('error', end).end(end);
      });
    });
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  /** The last lines of its log. */
  get tail(): readonly string[] {
    return this.tailBuffer;
  }

  /** Asks it to end, kills it after the grace time, and waits until it is gone. */
  async stop(): Promise<ChildEnd> {
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill('SIGTERM');
    const timer = setTimeout(() => this.process.kill('SIGKILL'), graceMs);
    try {
      return await this.ended;
    } finally {
      clearTimeout(timer);
    }
  }
}

function openLog(file: string): WriteStream {
  mkdirSync(dirname(file), { recursive: true });
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > logFileLimit) renameSync(file, `${file}.1`);
  return createWriteStream(file, { flags: 'a', mode: 0o600 });
}

/** pino's numbers, where a program logs those. */
const levelNames: Readonly<Record<string, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};

/** A log line of ours, as far as it is one. */
export function parseLog(
  line: string,
): { level: string; msg: string; code?: string; more: Record<string, unknown> } | undefined {
  try {
    // A stack helps whoever mends a program; it is in the log file.
    const { level, msg, code, time, err, pid, hostname, name, ...more } = JSON.parse(line) as Record<string, unknown>;
    if (typeof msg !== 'string') return undefined;
    return { level: levelNames[String(level)] ?? String(level), msg, more, ...(typeof code === 'string' && { code }) };
  } catch {
    return undefined;
  }
}

/** A log line for people: `level: message (fields)`; a line that is not ours as it is. */
export function readableLog(line: string): string {
  const log = parseLog(line);
  if (!log) return line;
  const more = Object.entries(log.more).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return `${log.level}: ${log.msg}${more.length > 0 ? ` (${more.join(', ').slice(0, 500)})` : ''}`;
}
