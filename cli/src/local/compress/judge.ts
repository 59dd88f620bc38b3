import { type ModelCost, modelCost, type ScreeningReference, screenVariant } from '@hilltop/compression';
import {
  type MetricId,
  type MetricValues,
  metrics as metricTable,
  type Recipe,
  type Screening,
} from '@hilltop/contracts';
import type { ArtifactRecord } from './artifact-record.js';
import type { Refusal } from './plan.js';
import type { Data } from './read-data.js';
import { refusalOf } from './telling.js';
import type { Work } from './work.js';

/** What can be known of a variant without a device. */
export interface Judgement {
  readonly metrics: MetricValues;
  readonly screening?: Screening;
  /** Why the cost could not be found, or the variant not be screened; the artifact is good all the same. */
  readonly troubles: readonly Refusal[];
}

interface Judged {
  readonly recipe: Recipe;
  readonly artifact: Uint8Array;
  /** What was known of it before, by this version of hilltop. */
  readonly before: Partial<Pick<ArtifactRecord, 'metrics' | 'screening' | 'recipe'>>;
  readonly begin: (doing: 'cost' | 'screening') => void;
}

/** Cost, and quality where there is validation data; only what was not known before is found anew. */
export async function judge(work: Work, { recipe, artifact, before, begin }: Judged): Promise<Judgement> {
  const { host, signal, validation, calibration } = work;
  const troubles: Refusal[] = [];
  const attempt = async <T>(doing: 'cost' | 'screening', find: () => Promise<T>): Promise<T | undefined> => {
    begin(doing);
    try {
      return await find();
    } catch (error) {
      troubles.push(refusalOf(error, signal));
      return undefined;
    }
  };
  const pack = (validation ?? calibration)?.pack;
  const metrics =
    before.metrics ??
    (await attempt('cost', async () => metricsOf(await modelCost(artifact, { host, signal, ...(pack && { pack }) }))));
  const screening =
    validation &&
    (screenedBefore(before, recipe, validation) ??
      (await attempt('screening', async () => screen(work, validation, await work.reference(), artifact, recipe))));
  return {
    metrics: metrics ?? metricsOf({ size_bytes: artifact.length }),
    ...(screening && { screening }),
    troubles,
  };
}

function screen(
  { host, signal, model }: Work,
  validation: Data,
  reference: ScreeningReference,
  variant: Uint8Array,
  { floor }: Recipe,
): Promise<Screening> {
  return screenVariant({
    model,
    variant,
    validation: validation.pack,
    host,
    reference,
    signal,
    ...(floor && { floor }),
  });
}

/** The same bytes, items and floor give the same screening. */
function screenedBefore({ screening, recipe }: Judged['before'], { floor }: Recipe, { sha256 }: Data) {
  const same = screening?.validationSha256 === sha256 && JSON.stringify(recipe?.floor) === JSON.stringify(floor);
  return same ? screening.result : undefined;
}

/** Known exactly: no interval, one observation. What is no metric, such as the cost of each layer, is left out. */
function metricsOf(cost: Partial<ModelCost>): MetricValues {
  const entries = Object.entries(cost).filter(
    (entry): entry is [MetricId, number] => Object.hasOwn(metricTable, entry[0]) && typeof entry[1] === 'number',
  );
  return Object.fromEntries(entries.map(([id, value]) => [id, { value, n: 1, unit: metricTable[id].unit }]));
}
