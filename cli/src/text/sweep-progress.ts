import { type Change, type Entities, hasSweepEnded, type Sweep, type Trial } from '@hilltop/contracts';
import type { Terminal } from '../shell/terminal.js';
import { bar, ProgressLine } from './progress.js';
import type { Style } from './style.js';
import { explained, spentShare, trialLine, trialName } from './sweep-text.js';
import { significant } from './units.js';

const endStates: readonly Trial['state'][] = ['succeeded', 'failed', 'cancelled', 'skipped'];

/** Live progress of a sweep on standard error: a line for each trial that ended, and below it what is spent, found and tried now. */
export class SweepProgress {
  private readonly line: ProgressLine;
  private readonly told = new Set<string>();
  private note: string | undefined;
  private sweep: Sweep | undefined;
  private trials: readonly Trial[] = [];

  constructor(
    private readonly terminal: Pick<Terminal, 'err'>,
    private readonly style: Style,
    private readonly sweepId: string,
  ) {
    this.line = new ProgressLine(terminal);
  }

  readonly changed = (_changes: readonly Change[], entities: Entities): void => {
    this.sweep = entities.sweep.get(this.sweepId);
    this.trials = [...entities.trial.values()]
      .filter(({ sweepId }) => sweepId === this.sweepId)
      .sort((a, b) => a.number - b.number);
    for (const trial of this.trials.filter(({ id, state }) => endStates.includes(state) && !this.told.has(id))) {
      this.told.add(trial.id);
      this.write(trialLine(trial, this.sweep?.places ?? [], this.style));
    }
    const note = this.sweep && noteOf(this.sweep);
    if (note !== undefined && note !== this.note) this.write(this.style.dim(note));
    this.note = note;
    this.draw();
  };

  readonly link = (link: 'up' | 'down'): void => {
    if (link === 'down') this.line.show('connection lost; it comes back by itself …');
    else this.draw();
  };

  end(): void {
    this.line.clear();
  }

  private write(text: string): void {
    this.line.clear();
    this.terminal.err.write(`${text}\n`);
  }

  private draw(): void {
    if (this.sweep) this.line.show(progressText(this.sweep, this.trials));
  }
}

/** What a person should know and a line that is written over would lose. That variants are being made goes by. */
function noteOf({ state, note }: Sweep): string | undefined {
  return note === undefined || state === 'preparing' || hasSweepEnded(state) ? undefined : explained(state, note);
}

/** `████──  25 %  12 trials, 3 open  14 of 200 runs, 12.3 of 60 device min  net on pi 0.81  #13 int8 on pi: why` */
export function progressText(sweep: Sweep, trials: readonly Trial[]): string {
  const { budget } = sweep.file;
  const spent = [
    `${sweep.used.runs}${budget.runs === undefined ? '' : ` of ${budget.runs}`} runs`,
    ...(budget.deviceMinutes === undefined
      ? []
      : [`${sweep.used.deviceMinutes.toFixed(1)} of ${budget.deviceMinutes} device min`]),
    ...(budget.wallMinutes === undefined
      ? []
      : [`${sweep.used.wallMinutes.toFixed(1)} of ${budget.wallMinutes} wall min`]),
  ];
  const volumes = sweep.places.flatMap(({ modelName, deviceName, hypervolume }) =>
    hypervolume === undefined ? [] : [`${modelName} on ${deviceName} ${significant(hypervolume)}`],
  );
  const now = trials.findLast(({ state }) => !endStates.includes(state));
  return [
    bar(spentShare(sweep)),
    `${sweep.trials.succeeded + sweep.trials.failed} of ${sweep.trials.total} trials`,
    spent.join(', '),
    ...(volumes.length > 0 ? [`hypervolume ${volumes.join(', ')}`] : []),
    ...(now ? [`#${now.number} ${trialName(now, sweep.places)}: ${now.why}`] : [explained(sweep.state, sweep.note)]),
  ].join('  ');
}
