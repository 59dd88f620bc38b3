import { Gate } from '@hilltop/contracts';
import type { Context } from '../context.js';
import type { ExitStatus } from '../shell/exit-status.js';
import { shown } from './gate.js';

/** Shows a gate again, with what people said of it. */
export async function gateShow(context: Context): Promise<ExitStatus> {
  const id = encodeURIComponent(context.positionals[0]!);
  return shown(context, await context.lab.get(`/api/v1/gates/${id}`, Gate));
}
