import type { Context } from '../context.js';

/** Forgets a baseline. */
export async function baselineRm(context: Context): Promise<void> {
  const name = context.positionals[0]!;
  await context.lab.delete(`/api/v1/baselines/${encodeURIComponent(name)}`);
  context.answer({ removed: name }, () => `${name} is no baseline any more\n`);
}
