import { resolve } from 'node:path';
import { Sweep } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { findSweep } from '../lab/find-sweep.js';
import { readSweepFile } from '../local/read-sweep-file.js';
import { trialsText } from '../text/sweep-text.js';

/** Lets a paused sweep go on; with a file, by that: what still applies goes on, what no longer does is skipped, finished runs stay. */
export async function sweepResume(context: Context): Promise<void> {
  const { lab, terminal } = context;
  const [wanted, path] = context.positionals;
  const file = path === undefined ? undefined : await readSweepFile(resolve(terminal.cwd, path), path);
  const found = await findSweep(lab, wanted!);
  const changed = file ? await lab.patch(`/api/v1/sweeps/${found.id}`, { file }, Sweep) : found;
  // Without a file the lab says why a sweep that is not paused cannot go on.
  const goesOn = file !== undefined && changed.state !== 'paused';
  const sweep = goesOn ? changed : await lab.post(`/api/v1/sweeps/${found.id}/resume`, {}, Sweep);
  context.answer(sweep, () => `${sweep.id} ${sweep.name} is ${sweep.state}: ${trialsText(sweep)}\n`);
}
