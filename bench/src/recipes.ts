import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  applyRecipe,
  artifactId,
  checkModel,
  createHost,
  type Host,
  modelCost,
  recipeFiles,
  referenceOf,
  resolveRecipe,
  type ScreeningReference,
  screenVariant,
} from '@hilltop/compression';
import { encodeTensorPack, isLabError, type MetricValue, type PairedComparison, type Recipe } from '@hilltop/contracts';
import { root } from '../../test/support/lab.js';
import type { Bench, BenchOptions, BenchResult, Figure } from './bench.js';
import { outcomeOf } from './bench.js';
import { foreignModels, type ModelSource, ownModels } from './model-sources.js';
import { timePair } from './pair-loop.js';
import { updateRecipesPage } from './recipes-page.js';
import type { Interval } from './statistics.js';

/** One recipe applied to one model: what came of it. */
export interface RecipeRow {
  readonly model: string;
  readonly recipe: string;
  readonly error?: { readonly code: string; readonly message: string };
  readonly buildMs?: number;
  readonly bytes?: number;
  /** Zstandard, level 19: what a transfer costs at least. */
  readonly compressedBytes?: number;
  readonly parameters?: number;
  readonly macs?: number;
  readonly sparsity?: number;
  readonly accuracy?: MetricValue;
  readonly agreement?: MetricValue;
  readonly sqnrDb?: MetricValue;
  readonly comparison?: PairedComparison;
  /** How many times faster than the model itself, one thread. */
  readonly speedup?: Interval;
  /** Why the recipe's own floor is not met. */
  readonly belowFloor?: readonly string[];
  readonly notes: readonly string[];
}

export interface ModelRow {
  readonly model: string;
  readonly data: string;
  readonly bytes: number;
  readonly compressedBytes: number;
  readonly parameters: number;
  readonly macs?: number;
  readonly accuracy?: MetricValue;
  readonly latencyMs?: number;
}

export interface RecipesRaw {
  readonly models: ModelRow[];
  readonly rows: RecipeRow[];
}

async function run(options: BenchOptions): Promise<BenchResult> {
  const host = createHost();
  try {
    const folder = process.env['HILLTOP_MODELS'];
    const sources = [...(await ownModels()), ...(folder ? await foreignModels(folder, host) : [])];
    const raw: RecipesRaw = { models: [], rows: [] };
    for (const source of options.quick ? sources.slice(0, 1) : sources) await tryAll(source, host, options, raw);
    const result = judged(raw);
    if (!options.quick) updateRecipesPage(raw);
    return result;
  } finally {
    await host.close();
  }
}

async function tryAll(source: ModelSource, host: Host, options: BenchOptions, raw: RecipesRaw): Promise<void> {
  // This is the report: the set that no pass has seen. Passes get calibration and validation data below.
  const reference = await referenceOf({ model: source.bytes, validation: source.evaluation, host });
  const cost = await modelCost(source.bytes, { host, pack: source.evaluation });
  const itself = await screenVariant({
    model: source.bytes,
    variant: source.bytes,
    validation: source.evaluation,
    host,
    reference,
  });
  const inputs = checkModel(source.bytes).inputs;
  const time = (variant: Uint8Array) =>
    timePair(source.bytes, variant, {
      types: inputs.map((input) => input.type),
      pack: source.evaluation,
      batched: inputs.map((input, i) => input.dims.length === source.evaluation.inputs[i]!.dims.length + 1),
      processes: options.quick ? 1 : 3,
      quadruples: options.quick ? 5 : 12,
    });
  const control = await time(source.bytes);
  options.log(`${source.name}: control ${control.speedup.value.toFixed(3)}`);
  raw.models.push({
    model: source.name,
    data: source.data,
    bytes: source.bytes.length,
    compressedBytes: cost.size_compressed_bytes,
    parameters: cost.parameters,
    ...(cost.macs !== undefined && { macs: cost.macs }),
    ...(itself.metrics.accuracy && { accuracy: itself.metrics.accuracy }),
    latencyMs: control.firstMs,
  });
  for (const file of recipeFiles.filter(({ steps }) => steps.length > 0)) {
    const row = await tryOne(source, file.name, host, reference, time);
    raw.rows.push(row);
    options.log(
      `${source.name} ${row.recipe}: ${row.error?.code ?? `${row.bytes} bytes, ${row.speedup?.value.toFixed(2)}x, accuracy ${row.accuracy?.value ?? '-'}, agreement ${row.agreement?.value ?? '-'}, ${row.sqnrDb?.value.toFixed(1)} dB`}`,
    );
  }
}

async function tryOne(
  source: ModelSource,
  name: string,
  host: Host,
  reference: ScreeningReference,
  time: (variant: Uint8Array) => ReturnType<typeof timePair>,
): Promise<RecipeRow> {
  const recipe = resolveRecipe(recipeFiles.find((file) => file.name === name));
  try {
    const { artifact, buildMs, notes } = await built(source, recipe, host);
    const screening = await screenVariant({
      model: source.bytes,
      variant: artifact,
      validation: source.evaluation,
      host,
      reference,
      ...(recipe.floor && { floor: recipe.floor }),
    });
    const cost = await modelCost(artifact, { host, pack: source.evaluation });
    const { accuracy, agreement, sqnr_db } = screening.metrics;
    return {
      model: source.name,
      recipe: name,
      buildMs,
      bytes: artifact.length,
      compressedBytes: cost.size_compressed_bytes,
      parameters: cost.parameters,
      ...(cost.macs !== undefined && { macs: cost.macs }),
      ...(cost.sparsity !== undefined && { sparsity: cost.sparsity }),
      ...(accuracy && { accuracy }),
      ...(agreement && { agreement }),
      ...(sqnr_db && { sqnrDb: sqnr_db }),
      ...(screening.comparison && { comparison: screening.comparison }),
      ...(screening.belowFloor && { belowFloor: screening.belowFloor }),
      speedup: (await time(artifact)).speedup,
      notes,
    };
  } catch (error) {
    if (!isLabError(error)) throw error;
    return { model: source.name, recipe: name, error: { code: error.code, message: error.message }, notes: [] };
  }
}

interface Built {
  readonly artifact: Uint8Array;
  readonly buildMs: number;
  readonly notes: readonly string[];
}

/** Artifacts of earlier sessions, by all that their bytes depend on: figures that need a quiet machine need not wait for builds. */
const cache = join(root, 'bench', '.cache');

async function built(source: ModelSource, recipe: Recipe, host: Host): Promise<Built> {
  const id = artifactId({
    modelSha256: sha256(source.bytes),
    recipe,
    calibrationSha256: sha256(encodeTensorPack(source.calibration)),
    validationSha256: sha256(encodeTensorPack(source.validation)),
    platform: host.platform,
  });
  const [file, record] = [join(cache, `${id}.onnx`), join(cache, `${id}.json`)];
  try {
    const kept = JSON.parse(readFileSync(record, 'utf8')) as { sha256: string; buildMs: number; notes: string[] };
    const artifact = readFileSync(file);
    if (sha256(artifact) === kept.sha256) return { artifact, ...kept };
  } catch {
    // Not there yet.
  }
  const began = performance.now();
  const {
    artifact,
    report,
    sha256: sum,
  } = await applyRecipe({
    model: source.bytes,
    recipe,
    host,
    calibration: source.calibration,
    validation: source.validation,
  });
  const made = {
    sha256: sum,
    buildMs: performance.now() - began,
    notes: report.steps.flatMap((step) => step.notes.map((note) => `${step.pass}: ${note}`)),
  };
  mkdirSync(cache, { recursive: true });
  writeFileSync(file, artifact);
  writeFileSync(record, JSON.stringify(made));
  return { artifact, ...made };
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** What was promised of the residual net on Fashion-MNIST, on the evaluation set. */
function judged(raw: RecipesRaw): BenchResult {
  const net = raw.models.find((model) => model.model === 'fashion-resnet')!;
  const rows = raw.rows.filter((row) => row.model === net.model && !row.error);
  const points = (row: RecipeRow): number => 100 * (row.comparison?.difference.value ?? Number.NEGATIVE_INFINITY);
  const best = (fits: (row: RecipeRow) => boolean, value: (row: RecipeRow) => number): RecipeRow | undefined =>
    rows.filter(fits).sort((a, b) => value(b) - value(a))[0];
  const figures: Figure[] = [];
  const int8 = rows.find((row) => row.recipe === 'int8-static');
  if (int8)
    figures.push(
      {
        what: 'int8-static: points of accuracy against fp32',
        value: points(int8),
        unit: '',
        bound: { op: '>=', value: -0.3 },
      },
      { what: 'int8-static: times smaller', value: net.bytes / int8.bytes!, unit: '', bound: { op: '>=', value: 3.5 } },
      { what: 'int8-static: times faster', ...int8.speedup!, unit: '', bound: { op: '>=', value: 2 } },
    );
  const sparse = best((row) => (row.sparsity ?? 0) >= 0.49, points);
  if (sparse)
    figures.push({
      what: `half of the weights zero (${sparse.recipe}): points of accuracy against fp32`,
      value: points(sparse),
      unit: '',
      bound: { op: '>=', value: -3 },
    });
  const wire = best(
    (row) => points(row) >= -1,
    (row) => net.bytes / row.compressedBytes!,
  );
  if (wire)
    figures.push({
      what: `within one point (${wire.recipe}): times smaller on the wire`,
      value: net.bytes / wire.compressedBytes!,
      unit: '',
      bound: { op: '>=', value: 7 },
    });
  const fast = best(
    (row) => points(row) >= -1 && row.recipe.startsWith('prune-channels') && !row.recipe.includes('int8'),
    (row) => row.speedup!.value,
  );
  if (fast)
    figures.push({
      what: `structured pruning within one point (${fast.recipe}): times faster`,
      ...fast.speedup!,
      unit: '',
      bound: { op: '>=', value: 1.15 },
    });
  const low = raw.rows.filter((row) => row.belowFloor);
  figures.push({
    what: "variants below their own recipe's floor",
    value: low.length,
    unit: '',
    bound: { op: '<=', value: 0 },
  });
  return {
    outcome: outcomeOf(figures),
    figures,
    notes: [
      `${raw.rows.length} variants of ${raw.models.length} models; recipes see calibration and validation data, figures are of evaluation data`,
      'times faster: interleaved A B B A in one process, one thread, 3 processes; the whole table is docs/recipes.md',
      ...low.map((row) => `below its floor: ${row.recipe} on ${row.model} (${row.belowFloor!.join(', ')})`),
    ],
    raw,
  };
}

export const recipes: Bench = { name: 'recipes', title: 'Every recipe on every model', run };
