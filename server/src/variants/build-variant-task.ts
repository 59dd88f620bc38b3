import { applyRecipe, createHost, modelCost } from '@hilltop/compression';
import {
  decodeTensorPack,
  errorText,
  type MetricId,
  type MetricValues,
  metrics as metricTable,
  type Recipe,
  type Variant,
} from '@hilltop/contracts';
import type { Task } from '../links/worker-pool.js';

export interface BuildVariantInput {
  readonly model: Uint8Array;
  readonly recipe: Recipe;
  /** Encoded tensor pack. */
  readonly calibration?: Uint8Array;
}

export interface BuiltVariant {
  readonly artifact: Uint8Array;
  readonly sha256: string;
  readonly metrics: MetricValues;
  readonly steps: Variant['steps'];
  /** Why the cost could not be found; the artifact is good all the same. */
  readonly costError?: string;
}

export interface BuildProgress {
  readonly done: number;
  readonly total: number;
  readonly pass?: string;
}

export const buildVariantTask: Task<BuildVariantInput, BuiltVariant, BuildProgress> = { name: 'build-variant' };

/** Applies a recipe and finds what the artifact costs without a device. Throws the codes of `applyRecipe`. */
export async function buildVariantWork(
  input: BuildVariantInput,
  progress: (value: BuildProgress) => void,
): Promise<BuiltVariant> {
  const host = createHost();
  try {
    const { artifact, sha256, report } = await applyRecipe({
      model: input.model,
      recipe: input.recipe,
      host,
      ...(input.calibration && { calibration: decodeTensorPack(input.calibration) }),
      onProgress: ({ done, total, pass }) => progress({ done, total, ...(pass && { pass }) }),
    });
    const values: Partial<Record<MetricId, number>> = { size_bytes: artifact.byteLength };
    let costError: string | undefined;
    try {
      const cost = await modelCost(artifact, { host });
      Object.assign(values, cost);
    } catch (error) {
      costError = errorText(error);
    }
    return {
      artifact,
      sha256,
      metrics: metricsOf(values),
      steps: report.steps.map(({ pass, ms, notes }) => ({ pass, ms, notes: [...notes] })),
      ...(costError !== undefined && { costError }),
    };
  } finally {
    await host.close();
  }
}

/** Known exactly: no interval, one observation. */
function metricsOf(values: Partial<Record<MetricId, number>>): MetricValues {
  const ids = (Object.keys(values) as MetricId[]).filter(
    (id) => values[id] !== undefined && Object.hasOwn(metricTable, id),
  );
  return Object.fromEntries(ids.map((id) => [id, { value: values[id]!, n: 1, unit: metricTable[id].unit }]));
}
