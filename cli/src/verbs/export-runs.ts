import { exportFormats } from '@hilltop/contracts';
import type { Context } from '../context.js';
import type { Query } from '../lab/client.js';
import { exportAnswer } from '../lab/export-answer.js';
import type { Options } from '../shell/options.js';
import { usageError } from '../shell/usage-error.js';

/** Ended runs as a file or on standard output. */
export const exportRuns = (context: Context): Promise<void> =>
  exportAnswer(context, '/api/v1/exports/runs', runExportQuery(context.options));

/** The query that a command line stands for. Throws `usage.invalid`. */
export function runExportQuery(options: Options): Query {
  return {
    format: options.choice('format', exportFormats) ?? (options.flag('json') ? 'json' : undefined),
    model: options.text('model'),
    device: options.texts('device').join(',') || undefined,
    sweep: options.text('sweep'),
    since: sinceOf(options.text('since')),
  };
}

/** A day is meant in UTC, as all times of the lab are. */
function sinceOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const at = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:?\d{2}))?$/.test(text) ? new Date(text) : undefined;
  if (!at || Number.isNaN(at.getTime()))
    throw usageError(`--since "${text}" is no date: write 2026-11-01, or 2026-11-01T18:00:00Z.`);
  return at.toISOString();
}
