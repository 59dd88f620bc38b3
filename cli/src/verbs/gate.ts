import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { Gate, type GateSummary, type GateWish, MetricId, metricIds } from '@hilltop/contracts';
import type { Context } from '../context.js';
import type { ExitStatus } from '../shell/exit-status.js';
import { nearest } from '../shell/nearest.js';
import type { Options } from '../shell/options.js';
import { usageError } from '../shell/usage-error.js';
import { gateText } from '../text/gate-text.js';

/** Holds a sweep against a baseline. */
export async function gate(context: Context): Promise<ExitStatus> {
  const wish = gateWish(context.positionals[0]!, context.options);
  return shown(context, await context.lab.post('/api/v1/gates', wish, Gate));
}

/** Prints a gate, writes the files that were asked for and exits with what it says. */
export async function shown(context: Context, found: Gate): Promise<ExitStatus> {
  for (const format of ['junit', 'markdown'] as const) {
    const file = context.options.text(format);
    if (file === undefined) continue;
    const body = await context.lab.download(`/api/v1/gates/${found.id}/report?format=${format}`);
    await writeFile(resolve(context.terminal.cwd, file), await textOf(body));
    context.say(`${file} written`);
  }
  context.answer(found, () => gateText(found, context.style));
  return gateStatus(found);
}

/** 1 where something is worse, 3 where that cannot be said, else 0. */
export function gateStatus({ verdict }: Pick<GateSummary, 'verdict'>): ExitStatus {
  if (verdict === 'worse') return 1;
  return verdict === 'inconclusive' ? 3 : 0;
}

/** The request that a command line stands for. Throws `usage.invalid`. */
export function gateWish(sweep: string, options: Options): GateWish {
  const maxRegression = shareOf(options.text('max-regression'));
  const metrics = options.texts('metric').map(metricOf);
  return {
    sweep,
    baseline: options.required('baseline', '--baseline B (`hilltop baseline ls` lists them)'),
    ...(maxRegression !== undefined && { maxRegression }),
    ...(metrics.length > 0 && { metrics }),
  };
}

/** `1%` -> 0.01. A bare number could be either, so it is refused. */
export function shareOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const match = /^(\d+(?:\.\d+)?)\s*%$/.exec(text);
  const share = match ? Number(match[1]) / 100 : Number.NaN;
  if (!(share <= 1)) throw usageError(`--max-regression "${text}" is not a percentage such as 1% or 0.5%.`);
  return share;
}

function metricOf(text: string): MetricId {
  const parsed = MetricId.safeParse(text);
  if (parsed.success) return parsed.data;
  const suggestion = nearest(text, metricIds);
  throw usageError(`--metric "${text}" is no metric${suggestion ? `: did you mean ${suggestion}?` : '.'}`);
}
