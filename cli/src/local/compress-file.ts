import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  applyRecipe,
  checkModel,
  checkPackFitsModel,
  createHost,
  findRecipe,
  type Host,
  readNpz,
} from '@hilltop/compression';
import { isLabError, LabError, type TensorPack } from '@hilltop/contracts';

export interface CompressRequest {
  readonly file: string;
  readonly recipes: readonly string[];
  readonly calibration?: string;
  /** Folder for the variants; absent: nothing is written. */
  readonly output?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (text: string) => void;
}

export interface MadeVariant {
  readonly recipe: string;
  readonly ms: number;
  readonly bytes?: number;
  readonly sha256?: string;
  readonly file?: string;
  readonly notes?: readonly string[];
  readonly error?: { readonly code: string; readonly message: string };
}

export interface CompressedFile {
  readonly source: string;
  readonly sourceBytes: number;
  readonly sourceSha256: string;
  readonly variants: readonly MadeVariant[];
}

/** Applies recipes to an ONNX file without a lab. A recipe that does not apply is reported; a bad file throws its code. */
export async function compressFile(request: CompressRequest): Promise<CompressedFile> {
  const recipes = request.recipes.map(findRecipe);
  const model = await read(request.file);
  const facts = checkModel(model);
  const calibration = request.calibration === undefined ? undefined : await readNpz(await read(request.calibration));
  if (calibration) checkPackFitsModel(calibration, facts);
  if (request.output !== undefined) await mkdir(request.output, { recursive: true });
  const host = createHost();
  const variants: MadeVariant[] = [];
  try {
    for (const recipe of recipes) {
      request.onProgress?.(`${recipe.name} …`);
      variants.push(await make(request, host, model, recipe, calibration));
    }
  } finally {
    await host.close();
  }
  return {
    source: request.file,
    sourceBytes: model.length,
    sourceSha256: createHash('sha256').update(model).digest('hex'),
    variants,
  };
}

async function make(
  request: CompressRequest,
  host: Host,
  model: Uint8Array,
  recipe: ReturnType<typeof findRecipe>,
  calibration: TensorPack | undefined,
): Promise<MadeVariant> {
  const began = performance.now();
  try {
    const { artifact, sha256, report } = await applyRecipe({
      model,
      recipe,
      host,
      ...(calibration && { calibration }),
      ...(request.signal && { signal: request.signal }),
    });
    const file =
      request.output && join(request.output, `${basename(request.file).replace(/\.onnx$/i, '')}-${recipe.name}.onnx`);
    if (file) await writeFile(file, artifact);
    const notes = report.steps.flatMap((step) => step.notes.map((note) => `${step.pass}: ${note}`));
    return {
      recipe: recipe.name,
      ms: performance.now() - began,
      bytes: artifact.length,
      sha256,
      ...(file && { file }),
      notes,
    };
  } catch (error) {
    if (!isLabError(error) || error.code === 'run.cancelled') throw error;
    return { recipe: recipe.name, ms: performance.now() - began, error: { code: error.code, message: error.message } };
  }
}

async function read(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new LabError('usage.invalid', `cannot read ${file}: is the name right?`, { file }, { cause: error });
  }
}
