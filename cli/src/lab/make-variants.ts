import { type Entities, LabError, type Model, Variant } from '@hilltop/contracts';
import type { Terminal } from '../shell/terminal.js';
import { bar, ProgressLine } from '../text/progress.js';
import type { LabClient } from './client.js';
import { followTopic } from './follow.js';

const isMade = (variant: Variant | undefined): boolean => variant?.state === 'ready' || variant?.state === 'failed';
/** The answer of `POST /api/v1/variants`. */
const Variants = { parse: (value: unknown): Variant[] => Variant.array().parse(hasItems(value) ? value.items : value) };
const hasItems = (value: unknown): value is { items: unknown } =>
  typeof value === 'object' && value !== null && 'items' in value;

/** Has the lab apply recipes to a model and waits until each is made or has failed. */
export async function makeVariants(
  client: LabClient,
  model: Model,
  recipes: readonly string[],
  terminal: Terminal,
): Promise<Variant[]> {
  const asked = await client.post('/api/v1/variants', { model: model.id, recipes }, Variants);
  if (asked.every(isMade)) return asked;
  const line = new ProgressLine(terminal);
  const made = (entities: Entities): number => asked.filter(({ id }) => isMade(entities.variant.get(id))).length;
  const last = await followTopic({
    address: { url: client.url, ...(client.token && { token: client.token }) },
    topic: `model/${model.id}`,
    signal: terminal.signal,
    onChanges: (_changes, entities) =>
      line.show(`${bar(made(entities) / asked.length)}  ${made(entities)} of ${asked.length} variants`),
    until: (entities) => made(entities) === asked.length,
  });
  line.clear();
  if (terminal.signal.aborted)
    throw new LabError('run.cancelled', 'stopped watching; the lab goes on making the variants');
  return asked.map((variant) => last.variant.get(variant.id) ?? variant);
}
