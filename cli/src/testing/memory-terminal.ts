import type { Terminal } from '../shell/terminal.js';

export interface MemoryTerminal extends Terminal {
  /** What was written so far. */
  readonly written: { out: string; err: string };
}

export interface MemoryTerminalOptions {
  readonly env?: Terminal['env'];
  readonly home?: string;
  readonly isTerminal?: boolean;
  readonly now?: number;
}

/** A terminal that keeps what is written; waits take no time. */
export function memoryTerminal(options: MemoryTerminalOptions = {}): MemoryTerminal {
  const written = { out: '', err: '' };
  const stream = (name: 'out' | 'err') => ({
    write: (text: string) => {
      written[name] += text;
    },
    isTerminal: options.isTerminal ?? false,
    columns: 100,
  });
  return {
    env: options.env ?? {},
    cwd: '/nowhere',
    home: options.home ?? '/nowhere',
    out: stream('out'),
    err: stream('err'),
    signal: new AbortController().signal,
    now: () => options.now ?? Date.parse('2026-03-01T12:00:00Z'),
    sleep: () => Promise.resolve(),
    written,
  };
}
