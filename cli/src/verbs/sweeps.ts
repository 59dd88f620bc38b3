import { Sweep } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { sweepsTable } from '../text/sweep-text.js';

/** Lists the sweeps. */
export async function sweeps(context: Context): Promise<void> {
  const all = await context.lab.list<Sweep>('/api/v1/sweeps', Sweep);
  context.answer(all, () =>
    all.length === 0
      ? 'no sweeps: `hilltop sweep run FILE.yaml` starts one; examples/sweeps/ has files that work as they are\n'
      : sweepsTable(all, context.style, context.terminal.now()),
  );
}
