import type { VariantProgress } from '@hilltop/contracts';
import type { Terminal } from '../shell/terminal.js';
import { displayWidth } from './display-width.js';
import { formatBytes } from './units.js';

/** One line at the bottom of standard error that is written over; nothing where standard error is no terminal. */
export class ProgressLine {
  private shown = '';
  constructor(private readonly terminal: Pick<Terminal, 'err'>) {}

  show(text: string): void {
    if (!this.terminal.err.isTerminal || text === this.shown) return;
    this.shown = text.slice(0, Math.max(20, this.terminal.err.columns - 1));
    this.terminal.err.write(`\r\u001B[2K${this.shown}`);
  }

  /** Takes the line away, e.g. before a whole line is written. */
  clear(): void {
    if (displayWidth(this.shown) > 0) this.terminal.err.write('\r\u001B[2K');
    this.shown = '';
  }
}

const blocks = 24;

/** `███████─────────────────  29 %` */
export function bar(fraction: number): string {
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * blocks);
  return `${'█'.repeat(full)}${'─'.repeat(blocks - full)} ${String(Math.round(fraction * 100)).padStart(3)} %`;
}

/** How much of a build is done, 0 to 1; its last step may still be under way. */
export function buildFraction(progress: VariantProgress | undefined): number {
  if (!progress || progress.total === 0) return 0;
  return Math.min(1, (progress.done + (progress.fraction ?? 0)) / progress.total);
}

/** Progress of uploads: one line each. */
export class UploadProgress {
  private readonly line: ProgressLine;
  constructor(terminal: Pick<Terminal, 'err'>) {
    this.line = new ProgressLine(terminal);
  }

  readonly show = ({ file, sent, total }: { file: string; sent: number; total: number }): void => {
    this.line.show(`${bar(sent / total)}  ${file}  ${formatBytes(sent)} of ${formatBytes(total)}`);
  };

  end(): void {
    this.line.clear();
  }
}
