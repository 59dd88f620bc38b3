import { Gate, type GateDecision } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { usageError } from '../shell/usage-error.js';

/** Accepts a row of a gate. */
export const gateAccept = (context: Context): Promise<void> => decide(context, 'accepted');

/** Opens an accepted row again; needs a comment. */
export function gateReopen(context: Context): Promise<void> {
  context.options.required('comment', '--comment TEXT: why it is open again');
  return decide(context, 'reopened');
}

async function decide(context: Context, state: GateDecision['state']): Promise<void> {
  const [id, row] = context.positionals as [string, string];
  if (!/^[1-9]\d{0,6}$/.test(row)) throw usageError(`"${row}" is no row of a gate: its number is in the first column.`);
  const comment = context.options.text('comment');
  const path = `/api/v1/gates/${encodeURIComponent(id)}/rows/${row}/decision`;
  const gate = await context.lab.post(path, { state, ...(comment !== undefined && { comment }) }, Gate);
  const { worse, inconclusive } = gate.counts;
  context.answer(
    gate,
    () => `row ${row} is ${state}; the gate is ${gate.verdict} (${worse} worse, ${inconclusive} inconclusive open)\n`,
  );
}
