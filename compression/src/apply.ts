import { createHash } from 'node:crypto';
import { encodeTensorPack, errorText, LabError, type PassName, type Recipe, type TensorPack } from '@hilltop/contracts';
import { checkModel, type ModelFacts, type TensorFacts } from './check-model.js';
import { checkFloor } from './floor.js';
import { readGraph, writeAndFree } from './graph.js';
import { countChanges } from './graph-changes.js';
import type { Host, HostPlatform } from './host.js';
import { passes } from './passes/index.js';
import { canonical } from './recipe.js';

export interface ApplyOptions {
  /** The source model. */
  readonly model: Uint8Array;
  readonly recipe: Recipe;
  /** Needed where `recipe.needsCalibration`. Never the evaluation set. */
  readonly calibration?: TensorPack;
  /** Needed where `recipe.needsValidation`; the recipe's floor is checked on it, else on calibration data. Never the evaluation set. */
  readonly validation?: TensorPack;
  readonly host: Host;
  readonly signal?: AbortSignal;
  /** Called before each step and with a pass's own notes; `done` of `total` steps are finished. */
  readonly onProgress?: (progress: ApplyProgress) => void;
}

export interface ApplyProgress {
  readonly done: number;
  readonly total: number;
  readonly pass?: PassName;
  /** How much of the step under way is done, 0 to 1, where it tells. */
  readonly fraction?: number;
  readonly note?: string;
}

export interface StepReport {
  readonly pass: PassName;
  readonly ms: number;
  /** What a person should know: layers left float, channels removed, nothing changed. */
  readonly notes: readonly string[];
  /** Nodes and initializers that were added, removed or changed; 0: the step changed nothing. */
  readonly nodesChanged: number;
}

export interface ApplyReport {
  readonly steps: readonly StepReport[];
  /** Whether the child that ran the model was capped by the kernel. */
  readonly capped: boolean;
}

export interface AppliedRecipe {
  readonly artifact: Uint8Array;
  /** SHA-256 of the artifact's bytes. */
  readonly sha256: string;
  /** The cache key: see `artifactId`. */
  readonly id: string;
  readonly report: ApplyReport;
}

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/**
 * SHA-256 over everything the artifact's bytes depend on: ask the cache with it before applying. `calibrationSha256` is that
 * of the encoded tensor pack; it counts only where the recipe needs calibration; `validationSha256` likewise.
 */
export function artifactId(of: {
  modelSha256: string;
  recipe: Recipe;
  calibrationSha256?: string;
  validationSha256?: string;
  platform: HostPlatform;
}): string {
  return sha256(
    canonical({
      model: of.modelSha256,
      recipe: of.recipe.id,
      platform: of.platform,
      ...(of.recipe.needsCalibration && { calibration: of.calibrationSha256 ?? '' }),
      ...(of.recipe.needsValidation && { validation: of.validationSha256 ?? '' }),
    }),
  );
}

/**
 * Applies a recipe. The result has passed `checkModel`, loads in ONNX Runtime and has the source's inputs and outputs.
 * Same model, recipe, calibration and platform give the same bytes.
 * Throws the codes of `checkModel` and Host, `pass.not-applicable` (with the node's name), `data.missing`,
 * `recipe.below-floor`, `pass.failed`.
 */
export async function applyRecipe(options: ApplyOptions): Promise<AppliedRecipe> {
  const { model, recipe, host, signal } = options;
  const calibration = recipe.needsCalibration ? options.calibration : undefined;
  if (recipe.needsCalibration && !calibration) {
    throw new LabError('data.missing', `recipe ${recipe.name} needs calibration data: push the model with --calib`, {
      recipe: recipe.name,
    });
  }
  const validation = recipe.needsValidation ? options.validation : undefined;
  if (recipe.needsValidation && !validation) {
    throw new LabError('data.missing', `recipe ${recipe.name} needs validation data: push the model with --valid`, {
      recipe: recipe.name,
    });
  }
  const before = checkModel(model);
  let bytes = model;
  const steps: StepReport[] = [];
  const total = recipe.steps.length;
  for (const [done, step] of recipe.steps.entries()) {
    if (signal?.aborted) throw new LabError('run.cancelled', 'cancelled');
    options.onProgress?.({ done, total, pass: step.pass });
    const started = performance.now();
    const notes: string[] = [];
    const report = (note: string): void => {
      notes.push(note);
      options.onProgress?.({ done, total, pass: step.pass, note });
    };
    const next = await applyStep(step.pass, () =>
      passes[step.pass].apply(readGraph(bytes), step.parameters, {
        host,
        source: model,
        report,
        progress: (fraction) => options.onProgress?.({ done, total, pass: step.pass, fraction }),
        ...(calibration && { calibration }),
        ...(validation && { validation }),
        ...(signal && { signal }),
      }),
    );
    const nodesChanged = countChanges(bytes, next);
    if (nodesChanged === 0) report('changed nothing');
    bytes = next;
    steps.push({ pass: step.pass, ms: performance.now() - started, notes, nodesChanged });
  }
  checkInterface(before, checkModel(bytes));
  await host.inspect(bytes, signal);
  const pack = options.validation ?? calibration;
  if (pack) await checkFloor({ recipe, model, facts: before, artifact: bytes, pack, host, ...(signal && { signal }) });
  options.onProgress?.({ done: total, total });
  return {
    artifact: bytes,
    sha256: sha256(bytes),
    id: artifactId({
      modelSha256: sha256(model),
      recipe,
      platform: host.platform,
      ...(calibration && { calibrationSha256: sha256(encodeTensorPack(calibration)) }),
      ...(validation && { validationSha256: sha256(encodeTensorPack(validation)) }),
    }),
    report: { steps, capped: host.capped },
  };
}

/** Runs one pass; what it throws that is no LabError is a mistake of ours, and says so. */
async function applyStep(
  pass: PassName,
  run: () => ReturnType<(typeof passes)[PassName]['apply']>,
): Promise<Uint8Array> {
  try {
    return writeAndFree(await run());
  } catch (error) {
    if (error instanceof LabError) throw error;
    throw new LabError('pass.failed', `${pass} failed: ${errorText(error)}`, { pass }, { cause: error });
  }
}

/** A variant takes its model's place: same names, types and fixed sizes. Throws `pass.failed`. */
function checkInterface(before: ModelFacts, after: ModelFacts): void {
  const same = (a: readonly TensorFacts[], b: readonly TensorFacts[]): boolean =>
    a.length === b.length &&
    a.every((x, i) => {
      const y = b[i]!;
      const dims =
        x.dims.length === y.dims.length &&
        x.dims.every((d, k) => typeof d === 'string' || typeof y.dims[k] === 'string' || d === y.dims[k]);
      return x.name === y.name && (x.type === y.type || x.type === 'unknown') && (dims || x.dims.length === 0);
    });
  if (!same(before.inputs, after.inputs) || !same(before.outputs, after.outputs)) {
    throw new LabError('pass.failed', 'a pass changed the inputs or outputs of the model', {
      before: { inputs: before.inputs, outputs: before.outputs },
      after: { inputs: after.inputs, outputs: after.outputs },
    });
  }
}
