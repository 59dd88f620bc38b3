import { exportedKinds, exportFormats } from '@hilltop/contracts';
import type { Context } from '../context.js';
import type { Query } from '../lab/client.js';
import { exportAnswer } from '../lab/export-answer.js';
import type { Options } from '../shell/options.js';
import { usageError } from '../shell/usage-error.js';

/** Raw observations as a file or on standard output. */
export const exportObservations = (context: Context): Promise<void> =>
  exportAnswer(context, '/api/v1/exports/observations', observationExportQuery(context.options));

/** The query that a command line stands for. Throws `usage.invalid`. */
export function observationExportQuery(options: Options): Query {
  const [run, sweep] = [options.text('run'), options.text('sweep')];
  if ((run === undefined) === (sweep === undefined))
    throw usageError('Say which: --run RUN or --sweep SWEEP, one of them.');
  return {
    format: options.choice('format', exportFormats) ?? (options.flag('json') ? 'json' : undefined),
    kind: options.choice('kind', exportedKinds),
    run,
    sweep,
  };
}
