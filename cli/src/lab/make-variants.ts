import { type Entities, LabError, type Model, Variant } from '@hilltop/contracts';
import type { Terminal } from '../shell/terminal.js';
import { bar, buildFraction, ProgressLine } from '../text/progress.js';
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
  return waitForVariants(client, model, asked, terminal);
}

/** Waits until each is made or has failed. */
export async function waitForVariants(
  client: LabClient,
  model: Pick<Model, 'id'>,
  asked: readonly Variant[],
  terminal: Terminal,
): Promise<Variant[]> {
  if (asked.every(isMade)) return [...asked];
  const line = new ProgressLine(terminal);
  const last = await followTopic({
    address: { url: client.url, ...(client.token && { token: client.token }) },
    topic: `model/${model.id}`,
    signal: terminal.signal,
    onChanges: (_changes, entities) => line.show(progressText(asked, entities)),
    until: (entities) => asked.every(({ id }) => isMade(entities.variant.get(id))),
  });
  line.clear();
  if (terminal.signal.aborted)
    throw new LabError('run.cancelled', 'stopped watching; the lab goes on making the variants');
  return asked.map((variant) => last.variant.get(variant.id) ?? variant);
}

/** `███───  29 %  1 of 3 variants, int8-static: quantize-static` */
function progressText(asked: readonly Variant[], entities: Entities): string {
  const now = asked.map((variant) => entities.variant.get(variant.id) ?? variant);
  const made = now.filter(isMade).length;
  const building = now.find((variant) => variant.progress);
  const share = now.reduce((sum, variant) => sum + (isMade(variant) ? 1 : buildFraction(variant.progress)), 0);
  const step = building?.progress?.step;
  const current = building ? `, ${building.recipe}${step ? `: ${step}` : ''}` : '';
  return `${bar(share / asked.length)}  ${made} of ${asked.length} variants${current}`;
}
