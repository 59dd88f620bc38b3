import { sweepFileSchema } from '@hilltop/contracts';
import type { Context } from '../context.js';

/** Prints the JSON schema of sweep files, with and without --json. */
export async function sweepSchema(context: Context): Promise<void> {
  context.terminal.out.write(`${JSON.stringify(sweepFileSchema(), undefined, context.json ? 0 : 2)}\n`);
}
