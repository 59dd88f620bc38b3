import {
  LabError,
  type MetricId,
  type MetricValue,
  metrics as metricTable,
  packItems,
  type RecipeFloor,
  type Screening,
  shareInterval,
  type TensorPack,
} from '@hilltop/contracts';
import { checkModel, type TensorFacts } from './check-model.js';
import { planFeed } from './feed.js';
import type { Host } from './host.js';
import { areaUnderRoc } from './screen/auc.js';
import { type ClassRule, classesOf, classRule, type Outputs, topK } from './screen/classes.js';
import { macroF1 } from './screen/f1.js';
import { fidelity } from './screen/fidelity.js';
import type { Estimate } from './screen/normal-interval.js';
import { comparePairs, countPairs } from './screen/paired.js';

/** What a model gives on validation data: found once, compared with each of its variants. */
export interface ScreeningReference {
  /** The items that count: those that fill the model's batches, where it takes a fixed number at once, and at most `valuesLimit` values. */
  readonly validation: TensorPack;
  readonly outputs: Outputs;
  readonly rule: ClassRule;
  /** Class of each item; -1 where none is named. */
  readonly predicted: Int32Array;
}

export interface ReferenceOptions {
  /** The source model; it must have passed `checkModel`. */
  readonly model: Uint8Array;
  /** Never the evaluation set. */
  readonly validation: TensorPack;
  readonly host: Host;
  readonly signal?: AbortSignal;
}

export interface ScreenOptions extends ReferenceOptions {
  readonly variant: Uint8Array;
  /** From `referenceOf` with the same model and data; found anew where absent. */
  readonly reference?: ScreeningReference;
  /** What the recipe says it keeps at least. */
  readonly floor?: RecipeFloor;
}

/** Most values of the first output that are held at a time (256 MiB): masks of large images are compared on the first items only. */
const valuesLimit = 2 ** 26;

/** Runs the model over the validation data. Throws the codes of Host, `data.shape-mismatch` and `data.dtype`. */
export async function referenceOf(
  { model, validation, host, signal }: ReferenceOptions,
  limit = valuesLimit,
): Promise<ScreeningReference> {
  const facts = checkModel(model);
  const { batch, inputs } = planFeed(validation, facts.inputs);
  const fixed = facts.inputs.some((input, i) => inputs[i]!.batched && typeof input.dims[0] === 'number');
  const step = fixed ? batch : 1;
  const perItem = await sizeOfOutput(facts.outputs[0], () =>
    host.outputs(model, packItems(validation, 0, step), signal),
  );
  const most = Math.min(validation.items, Math.floor(limit / Math.max(1, perItem)));
  const items = Math.max(step, most - (most % step));
  const used = items === validation.items ? validation : packItems(validation, 0, items);
  const outputs = await host.outputs(model, used, signal);
  const rule = classRule(facts.outputs[0], outputs, used.labels && used.classes);
  return { validation: used, outputs, rule, predicted: classesOf(outputs, rule) };
}

/** Values of an item: what the model declares, or, where a size is free, what a run with few items gives. */
async function sizeOfOutput(output: TensorFacts | undefined, run: () => Promise<Outputs>): Promise<number> {
  const [, ...dims] = output?.dims ?? [];
  const known = dims.length > 0 && dims.every((d) => typeof d === 'number');
  return known ? dims.reduce<number>((product, d) => product * Number(d), 1) : (await run()).perItem;
}

/**
 * Quality of a variant on validation data, without a device: what its first output is worth against labels and against the
 * model. Which metrics are there depends on the data (see `Screening`). An output that is not finite has no mse and no SQNR, and
 * is below any floor. Throws the codes of Host, and `run.output-invalid` where the variant's first output has another size.
 */
export async function screenVariant(options: ScreenOptions): Promise<Screening> {
  const reference = options.reference ?? (await referenceOf(options));
  const outputs = await options.host.outputs(options.variant, reference.validation, options.signal);
  return screenOutputs(reference, outputs, options.floor);
}

/** The pure half of `screenVariant`. */
export function screenOutputs(reference: ScreeningReference, outputs: Outputs, floor: RecipeFloor = {}): Screening {
  const { validation, rule } = reference;
  if (outputs.perItem !== reference.outputs.perItem)
    throw new LabError(
      'run.output-invalid',
      `the variant's first output has ${outputs.perItem} values an item, its model's ${reference.outputs.perItem}`,
      { variant: outputs.perItem, model: reference.outputs.perItem },
    );
  const n = validation.items;
  const metrics: Partial<Record<MetricId, MetricValue>> = {};
  const put = (id: MetricId, estimate: Estimate | undefined): void => {
    if (estimate) metrics[id] = { ...estimate, n, unit: metricTable[id].unit };
  };
  const predicted = classesOf(outputs, rule);
  const same = predicted.reduce((sum, c, i) => sum + Number(c >= 0 && c === reference.predicted[i]), 0);
  if (rule.kind !== 'none') put('agreement', shareInterval(same, n));
  const far = fidelity(reference.outputs, outputs);
  put('mse', far?.mse);
  put('sqnr_db', far?.sqnr_db);
  const labels = rule.kind === 'none' ? undefined : validation.labels;
  const pairs = labels && countPairs(reference.predicted, predicted, labels);
  if (labels && pairs) {
    put('accuracy', shareInterval(pairs.both + pairs.onlyVariant, n));
    if (rule.kind === 'largest' && outputs.perItem > 5)
      put('accuracy_top5', shareInterval(topK(outputs, labels, 5), n));
    put('f1_macro', macroF1(predicted, labels));
    put('auc', areaUnderRoc(outputs, labels, rule));
  }
  const below: NonNullable<Screening['belowFloor']> = [];
  if (floor.agreement !== undefined && rule.kind !== 'none' && same / n < floor.agreement) below.push('agreement');
  // No noise at all is above every floor; outputs that are not finite are below it.
  if (floor.sqnr_db !== undefined && (!far || (far.sqnr_db && far.sqnr_db.value < floor.sqnr_db)))
    below.push('sqnr_db');
  return {
    set: 'validation',
    items: n,
    metrics,
    ...(pairs && { comparison: comparePairs(pairs) }),
    ...(below.length > 0 && { belowFloor: below }),
  };
}
