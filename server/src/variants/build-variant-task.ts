import { writeFile } from 'node:fs/promises';
import {
  applyRecipe,
  createHost,
  type Host,
  modelCost,
  referenceOf,
  type ScreeningReference,
  screenVariant,
} from '@hilltop/compression';
import {
  decodeTensorPack,
  errorText,
  type MetricId,
  type MetricValues,
  metrics as metricTable,
  type Recipe,
  type Screening,
  type TensorInfo,
  type TensorPack,
  type Variant,
  type VariantProgress,
} from '@hilltop/contracts';
import { readBytes } from '../links/read-bytes.js';
import type { Task } from '../links/worker-pool.js';

/** Files, so that their bytes are in memory once, in the worker, and only as long as they are needed. */
export interface BuildVariantInput {
  readonly modelFile: string;
  readonly recipe: Recipe;
  /** Encoded tensor packs. The evaluation set is none of them. */
  readonly calibrationFile?: string;
  readonly validationFile?: string;
  /** Concrete inputs of the artifact. */
  readonly inputs: readonly TensorInfo[];
  /** The artifact, where it is there already; then the recipe is not applied. */
  readonly artifactFile?: string;
  /** Where an artifact that is made goes. */
  readonly outputFile: string;
}

export interface BuiltVariant {
  /** SHA-256 of the file written; absent where the artifact was given. */
  readonly sha256?: string;
  readonly metrics: MetricValues;
  readonly steps: Variant['steps'];
  readonly screening?: Screening;
  /** Why the cost could not be found, or the variant not be screened; the artifact is good all the same. */
  readonly costError?: string;
  readonly screeningError?: string;
}

export const buildVariantTask: Task<BuildVariantInput, BuiltVariant, VariantProgress> = { name: 'build-variant' };

/** Screening reads a whole set through the model: slow models need minutes. */
const limits = { cpuSecondsLimit: 600, wallMs: 900_000 } as const;
/** Nobody sees more of it. */
const progressMs = 250;

/**
 * Applies a recipe, finds what the artifact costs without a device, and screens it on validation data.
 * Throws the codes of `applyRecipe`.
 */
export async function buildVariantWork(
  input: BuildVariantInput,
  progress: (value: VariantProgress) => void,
  signal: AbortSignal,
): Promise<BuiltVariant> {
  const host = createHost(limits);
  const tell = seldom(progress);
  try {
    const validation = input.validationFile && decodeTensorPack(await readBytes(input.validationFile));
    const model = await readBytes(input.modelFile);
    const total = (input.artifactFile ? 0 : input.recipe.steps.length) + (validation ? 1 : 0);
    const made = input.artifactFile
      ? { artifact: await readBytes(input.artifactFile), steps: [] }
      : await apply(input, { model, validation: validation || undefined, host, signal, total, tell });
    const { cost, costError } = await costOf(made.artifact, input.inputs, host, signal);
    const started = performance.now();
    if (validation) tell({ done: total - 1, total, step: 'screening' });
    const { screening, screeningError } = validation
      ? await screen(input, { model, variant: made.artifact, validation, host, signal })
      : {};
    const ms = performance.now() - started;
    return {
      ...('sha256' in made && { sha256: made.sha256 }),
      metrics: metricsOf({ size_bytes: made.artifact.byteLength, ...cost }),
      steps: [
        ...made.steps,
        ...(screeningError ? [{ pass: 'screening', ms, notes: [`not screened: ${screeningError}`] }] : []),
      ],
      ...(screening && { screening }),
      ...(costError !== undefined && { costError }),
      ...(screeningError !== undefined && { screeningError }),
    };
  } finally {
    await host.close();
  }
}

interface Making {
  readonly model: Uint8Array;
  readonly validation: TensorPack | undefined;
  readonly host: Host;
  readonly signal: AbortSignal;
  readonly total: number;
  readonly tell: (value: VariantProgress) => void;
}

async function apply(
  { recipe, calibrationFile, outputFile }: BuildVariantInput,
  { model, validation, host, signal, total, tell }: Making,
) {
  const { artifact, sha256, report } = await applyRecipe({
    model,
    recipe,
    host,
    signal,
    ...(calibrationFile && { calibration: decodeTensorPack(await readBytes(calibrationFile)) }),
    ...(validation && { validation }),
    onProgress: ({ done, pass, fraction }) =>
      tell({ done, total, ...(pass && { step: pass }), ...(fraction !== undefined && { fraction }) }),
  });
  await writeFile(outputFile, artifact, { mode: 0o600 });
  return { artifact, sha256, steps: report.steps.map(({ pass, ms, notes }) => ({ pass, ms, notes: [...notes] })) };
}

async function costOf(
  artifact: Uint8Array,
  inputs: readonly TensorInfo[],
  host: Host,
  signal: AbortSignal,
): Promise<{ cost?: Partial<Record<MetricId, number>>; costError?: string }> {
  try {
    const dims = Object.fromEntries(inputs.map((input) => [input.name, input.dims.map(Number)]));
    return { cost: { ...(await modelCost(artifact, { host, dims, signal })) } };
  } catch (error) {
    if (signal.aborted) throw error;
    return { costError: errorText(error) };
  }
}

async function screen(
  { recipe: { floor }, modelFile, validationFile }: BuildVariantInput,
  options: { model: Uint8Array; variant: Uint8Array; validation: TensorPack; host: Host; signal: AbortSignal },
): Promise<{ screening?: Screening; screeningError?: string }> {
  try {
    const key = `${modelFile} ${validationFile}`;
    const reference = kept?.key === key ? kept.reference : await referenceOf(options);
    kept = bytesOf(reference) <= keptBytes ? { key, reference } : undefined;
    return { screening: await screenVariant({ ...options, reference, ...(floor && { floor }) }) };
  } catch (error) {
    if (options.signal.aborted) throw error;
    return { screeningError: errorText(error) };
  }
}

/** What the model itself gives, of the model that was built for last: the variants of one come one after the other. */
let kept: { readonly key: string; readonly reference: ScreeningReference } | undefined;
/** More is not worth its memory: the thread lives on between builds. */
const keptBytes = 32e6;

const bytesOf = ({ outputs, validation }: ScreeningReference): number =>
  validation.inputs.reduce((sum, input) => sum + input.data.byteLength, outputs.data.byteLength);

/** Known exactly: no interval, one observation. */
function metricsOf(values: Partial<Record<MetricId, number>>): MetricValues {
  const ids = (Object.keys(values) as MetricId[]).filter(
    (id) => values[id] !== undefined && Object.hasOwn(metricTable, id),
  );
  return Object.fromEntries(ids.map((id) => [id, { value: values[id]!, n: 1, unit: metricTable[id].unit }]));
}

/** Lets a step's first word through, then one every `progressMs`. */
function seldom(tell: (value: VariantProgress) => void): (value: VariantProgress) => void {
  let [last, at] = ['', 0];
  return (value) => {
    const [step, now] = [`${value.done} ${value.step}`, performance.now()];
    if (step === last && now - at < progressMs) return;
    [last, at] = [step, now];
    tell(value);
  };
}
