import { resolve } from 'node:path';
import { Sweep, SweepPreview } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { readSweepFile } from '../local/read-sweep-file.js';
import type { ExitStatus } from '../shell/exit-status.js';
import { previewText, trialsText } from '../text/sweep-text.js';
import { sweepToEnd } from './sweep-show.js';

/** Starts a sweep from its file; with --dry-run says what it would try. */
export async function sweepRun(context: Context): Promise<ExitStatus> {
  const { options, lab, style, terminal } = context;
  const path = context.positionals[0]!;
  const read = await readSweepFile(resolve(terminal.cwd, path), path);
  const name = options.text('name');
  const file = name === undefined ? read : { ...read, name };
  if (options.flag('dry-run')) {
    const preview = await lab.post('/api/v1/sweeps/preview', { file }, SweepPreview);
    context.answer(preview, () => previewText(preview, style));
    return 0;
  }
  const sweep = await lab.post('/api/v1/sweeps', { file }, Sweep);
  if (options.flag('wait')) {
    context.say(`${sweep.id} ${sweep.name}`);
    return sweepToEnd(context, sweep);
  }
  context.answer(
    sweep,
    () =>
      `${sweep.id} ${sweep.name}  ${sweep.state}, ${trialsText(sweep)}; follow it: hilltop sweep show ${sweep.id} --wait\n`,
  );
  return 0;
}
