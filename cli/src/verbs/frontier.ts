import {
  errorText,
  Frontier,
  frontierCsv,
  type MetricId as Metric,
  MetricId,
  metricIds,
  parseConstraint,
  protocolNames,
} from '@hilltop/contracts';
import type { Context } from '../context.js';
import type { Query } from '../lab/client.js';
import { nearest } from '../shell/nearest.js';
import type { Options } from '../shell/options.js';
import { usageError } from '../shell/usage-error.js';
import { frontierText } from '../text/frontier-text.js';

/** Shows which variants are worth shipping, per device or for the fleet. */
export async function frontier(context: Context): Promise<void> {
  const { options, lab, terminal, style } = context;
  const document = await lab.get('/api/v1/frontier', Frontier, frontierQuery(options));
  if (options.flag('csv') && !context.json) return terminal.out.write(frontierCsv(document));
  const { isTerminal, columns } = terminal.out;
  context.answer(document, () => frontierText(document, { style, ...(isTerminal && { plotWidth: columns }) }));
}

/** The query that a command line stands for. Throws `usage.invalid`. */
export function frontierQuery(options: Options): Query {
  const where = options.texts('where');
  for (const constraint of where) checkConstraint(constraint);
  return {
    model: options.required('model', '-m MODEL'),
    device: options.texts('device').join(',') || undefined,
    protocol: options.choice('protocol', protocolNames),
    fleet: options.flag('fleet') ? 'true' : undefined,
    x: metric('x', options),
    y: metric('y', options),
    z: metric('z', options),
    where: where.join(',') || undefined,
  };
}

function metric(name: string, options: Options): Metric | undefined {
  const text = options.text(name);
  if (text === undefined) return undefined;
  const parsed = MetricId.safeParse(text);
  if (parsed.success) return parsed.data;
  const suggestion = nearest(text, metricIds);
  throw usageError(
    `-${name} "${text}" is no metric: ${suggestion ? `did you mean ${suggestion}?` : `one of ${metricIds.join(', ')}.`}`,
  );
}

function checkConstraint(text: string): void {
  try {
    parseConstraint(text);
  } catch (error) {
    throw usageError(`--where ${errorText(error)}.`);
  }
}
