import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { errorText, LabError, type NoWorse, noWorse } from '@hilltop/contracts';
import { usageError } from '../shell/usage-error.js';
import type { ChosenRecipe } from './compress/chosen-recipes.js';
import { type CompressPlan, type CompressProgress, type MadeVariant, partOf, recordOf } from './compress/plan.js';
import { type CompressEngine, compressInThread } from './compress/thread.js';

export interface CompressRequest {
  readonly file: string;
  readonly recipes: readonly ChosenRecipe[];
  readonly calibration?: string;
  readonly validation?: string;
  /** Folder for the variants; absent: nothing is written. */
  readonly output?: string;
  /** How much worse than fp32 is still called no worse: a share of items. */
  readonly margin: number;
  readonly version: string;
  readonly signal: AbortSignal;
  readonly onProgress?: (recipe: string, progress: CompressProgress) => void;
  /** Default: a thread. */
  readonly engine?: CompressEngine;
}

/** A variant with what can be said of it. */
export interface JudgedVariant extends MadeVariant {
  /** `all` asked for it, and it does not apply. */
  readonly leftOut?: boolean;
  readonly noWorse?: NoWorse & { readonly margin: number };
}

export interface CompressedFile {
  readonly source: string;
  readonly sourceBytes: number;
  readonly sourceSha256: string;
  readonly variants: readonly JudgedVariant[];
}

/** What says that a recipe does not apply to this model, or to the data at hand; anything else went wrong. */
const doesNotApply: readonly string[] = ['pass.not-applicable', 'recipe.below-floor', 'data.missing'];

/** Applies recipes to an ONNX file without a lab. A recipe that is refused is reported; a bad file throws its code. */
export async function compressFile(request: CompressRequest): Promise<CompressedFile> {
  const { recipes, calibration, validation, output, margin, signal } = request;
  const stem = basename(request.file).replace(/\.onnx$/i, '');
  const plan: CompressPlan = {
    model: request.file,
    ...(calibration !== undefined && { calibration }),
    ...(validation !== undefined && { validation }),
    version: request.version,
    items: recipes.map(({ recipe }) => ({
      recipe,
      ...(output !== undefined && { file: join(output, `${stem}-${recipe.name}.onnx`) }),
    })),
  };
  if (output !== undefined) await makeFolder(output);
  const made = new Map<number, JudgedVariant>();
  let source: { readonly sha256: string; readonly bytes: number } | undefined;
  try {
    await (request.engine ?? compressInThread)(
      plan,
      (event) => {
        if (event.kind === 'model') source = event;
        else if (event.kind === 'progress')
          request.onProgress?.(recipes[event.progress.index]!.recipe.name, event.progress);
        else made.set(event.index, judged(event.variant, recipes[event.index]!, margin));
      },
      signal,
    );
  } catch (error) {
    if (!signal.aborted) throw error;
    const kept =
      output === undefined || made.size === 0 ? '' : `; ${made.size} of ${recipes.length} are done, in ${output}`;
    throw new LabError('run.cancelled', `stopped${kept}`, { made: made.size }, { cause: error });
  } finally {
    const files = plan.items.flatMap(({ file }) => (file === undefined ? [] : [partOf(file), partOf(recordOf(file))]));
    await Promise.all(files.map((file) => rm(file, { force: true })));
  }
  return {
    source: request.file,
    sourceBytes: source!.bytes,
    sourceSha256: source!.sha256,
    variants: [...made].sort(([a], [b]) => a - b).map(([, variant]) => variant),
  };
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw usageError(`cannot write to ${folder}: -o needs a folder (${errorText(error)}).`);
  }
}

function judged(variant: MadeVariant, { byAll }: ChosenRecipe, margin: number): JudgedVariant {
  const comparison = variant.screening?.comparison;
  return {
    ...variant,
    ...(byAll && variant.error && doesNotApply.includes(variant.error.code) && { leftOut: true }),
    ...(comparison && { noWorse: { margin, ...noWorse(comparison, margin) } }),
  };
}

/** Whether every recipe that was asked for gave a variant that holds what its recipe declares; at least one must. */
export function isWhole({ variants }: CompressedFile): boolean {
  const wanted = variants.filter((variant) => !variant.leftOut);
  return wanted.length > 0 && wanted.every((variant) => !variant.error && !variant.screening?.belowFloor);
}
