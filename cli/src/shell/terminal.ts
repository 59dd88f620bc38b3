import { createInterface } from 'node:readline';

/** Where a command runs: everything of the process that a verb may touch. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly home: string;
  /** Standard output: the answer, and nothing else. */
  readonly out: Stream;
  /** Standard error: progress, logs, remarks. */
  readonly err: Stream;
  /** What a person types, by line; absent where standard input is no terminal. */
  readonly lines?: () => AsyncIterable<string>;
  /** Aborted by Ctrl-C, SIGTERM and SIGHUP. */
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

export interface Stream {
  write(text: string): void;
  readonly isTerminal: boolean;
  readonly columns: number;
}

/** The terminal of this process. */
export function processTerminal(signal: AbortSignal): Terminal {
  return {
    env: process.env,
    cwd: process.cwd(),
    home: process.env.HOME ?? '/',
    out: streamOf(process.stdout),
    err: streamOf(process.stderr),
    ...(process.stdin.isTTY && { lines: () => createInterface({ input: process.stdin, signal }) }),
    signal,
    now: () => Date.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
}

function streamOf(stream: NodeJS.WriteStream): Stream {
  return {
    write: (text) => void stream.write(text),
    get isTerminal() {
      return stream.isTTY === true;
    },
    get columns() {
      return stream.columns ?? 100;
    },
  };
}
