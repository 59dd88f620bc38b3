import { type Change, type Entities, isFinal, type LiveEvent, type Run } from '@hilltop/contracts';
import type { Terminal } from '../shell/terminal.js';
import { bar, ProgressLine } from './progress.js';
import { runLine } from './run-line.js';
import type { Style } from './style.js';

/** Live progress of a job on standard error: a line for each run that ended, and below it what runs now. */
export class JobProgress {
  private readonly line: ProgressLine;
  private readonly told = new Set<string>();
  private live: LiveEvent | undefined;
  private entities: Entities | undefined;

  constructor(
    private readonly terminal: Pick<Terminal, 'err'>,
    private readonly style: Style,
    private readonly jobId: string,
    private readonly onRunEnded?: (run: Run) => void,
  ) {
    this.line = new ProgressLine(terminal);
  }

  readonly changed = (_changes: readonly Change[], entities: Entities): void => {
    this.entities = entities;
    const ended = this.runs().filter((run) => isFinal(run.state) && !this.told.has(run.id));
    for (const run of ended.sort((a, b) => (a.endedAt ?? '').localeCompare(b.endedAt ?? ''))) {
      this.told.add(run.id);
      this.line.clear();
      this.terminal.err.write(`${runLine(run, this.style)}\n`);
      this.onRunEnded?.(run);
    }
    this.draw();
  };

  readonly lively = (live: LiveEvent): void => {
    if (live.jobId !== this.jobId) return;
    this.live = live;
    this.draw();
  };

  readonly link = (link: 'up' | 'down'): void => {
    if (link === 'down') this.line.show('connection lost; it comes back by itself …');
    else this.draw();
  };

  end(): void {
    this.line.clear();
  }

  private runs(): Run[] {
    return [...(this.entities?.run.values() ?? [])].filter((run) => run.jobId === this.jobId);
  }

  private draw(): void {
    const runs = this.runs();
    if (runs.length === 0) {
      this.line.show('making the variants …');
      return;
    }
    const done = runs.filter((run) => isFinal(run.state)).length;
    const now = runs.find((run) => run.id === this.live?.runId && !isFinal(run.state));
    const part = now && this.live ? this.live.fraction : 0;
    const what =
      now && this.live ? `  ${now.recipe} on ${now.deviceName}: ${this.live.phase}${blockText(this.live)}` : '';
    this.line.show(`${bar((done + part) / runs.length)}  ${done} of ${runs.length} runs${what}`);
  }
}

function blockText(live: LiveEvent): string {
  return live.block === undefined ? '' : ` (process ${live.block + 1}${live.blocks ? ` of ${live.blocks}` : ''})`;
}
