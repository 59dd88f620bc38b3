import { Baseline } from '@hilltop/contracts';
import type { Context } from '../context.js';

/** Pins a sweep by name. */
export async function baselinePin(context: Context): Promise<void> {
  const [name, sweep] = context.positionals;
  const wish = { name, sweep, replace: context.options.flag('replace') };
  const baseline = await context.lab.post('/api/v1/baselines', wish, Baseline);
  context.answer(
    baseline,
    () =>
      `${baseline.name} is ${baseline.sweepName} (${baseline.sweepId}); \`hilltop gate SWEEP --baseline ${baseline.name}\`\n`,
  );
}
