import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Model, Recipe, type Variant } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { findModel } from '../lab/find.js';
import { makeVariants } from '../lab/make-variants.js';
import { allWord, chooseRecipes, isRecipeFile } from '../local/compress/chosen-recipes.js';
import type { CompressProgress } from '../local/compress/plan.js';
import { compressFile, isWhole } from '../local/compress-file.js';
import type { ExitStatus } from '../shell/exit-status.js';
import { usageError } from '../shell/usage-error.js';
import { version } from '../shell/version.js';
import { compressedText, progressText, stepText } from '../text/compress-text.js';
import { ProgressLine } from '../text/progress.js';
import { variantsText } from '../text/variants-text.js';
import { download } from './artifact-get.js';

/** Makes variants without a device: in the lab, or from a file without a lab. */
export async function compress(context: Context): Promise<ExitStatus> {
  const { options } = context;
  const model = options.required('model', '-m MODEL (a model of the lab, or a file FILE.onnx)');
  const recipes = [...options.texts('recipe')];
  if (recipes.length === 0)
    throw usageError(
      '`hilltop compress` needs -r RECIPE, as often as you like, or -r all; `hilltop recipes` lists them.',
    );
  if (/\.onnx$/i.test(model)) return fromFile(context, model, recipes);
  const stray = ['calib', 'valid', 'margin'].find((name) => options.text(name) !== undefined);
  if (stray) throw usageError(`--${stray} goes with -m FILE.onnx: a model of the lab has its own data.`);
  const file = recipes.find(isRecipeFile);
  if (file)
    throw usageError(`-r ${file} goes with -m FILE.onnx: give it to the lab with \`hilltop recipes add ${file}\`.`);
  return inLab(context, model, recipes);
}

async function fromFile(context: Context, model: string, words: readonly string[]): Promise<ExitStatus> {
  const { options, terminal, style } = context;
  const path = (name: string): string | undefined => {
    const given = options.text(name);
    return given === undefined ? undefined : resolve(terminal.cwd, given);
  };
  const [calibration, validation, output] = [path('calib'), path('valid'), path('output')];
  if (options.text('margin') !== undefined && validation === undefined)
    throw usageError('--margin goes with --valid V.npz: without it nothing is compared with fp32.');
  const recipes = await chooseRecipes(words, terminal.cwd);
  const show = showProgress(
    context,
    recipes.map(({ recipe }) => recipe.name),
  );
  try {
    const made = await compressFile({
      file: resolve(terminal.cwd, model),
      recipes,
      ...(calibration !== undefined && { calibration }),
      ...(validation !== undefined && { validation }),
      ...(output !== undefined && { output }),
      margin: (options.positive('margin') ?? 1) / 100,
      version: version(),
      signal: terminal.signal,
      onProgress: show.step,
    });
    show.end();
    context.answer(made, () => compressedText(made, style));
    if (made.variants.some((variant) => !variant.error))
      context.say(
        output === undefined
          ? 'Nothing is kept: -o DIR writes the variants there.'
          : `In ${output}: each variant as .onnx, and how it was made beside it as .json.`,
      );
    return isWhole(made) ? 0 : 1;
  } finally {
    show.end();
  }
}

/** One line that is written over; a line for each step where standard error is no terminal. */
function showProgress(context: Context, names: readonly string[]) {
  const line = new ProgressLine(context.terminal);
  let last = '';
  return {
    step: (recipe: string, progress: CompressProgress): void => {
      line.show(progressText(progress.index, names.length, recipe, progress));
      const { fraction: _fraction, ...whole } = progress;
      const text = `[${progress.index + 1}/${names.length}] ${stepText(recipe, whole)}`;
      if (text !== last && !context.terminal.err.isTerminal) context.say(text);
      last = text;
    },
    end: (): void => line.clear(),
  };
}

async function inLab(context: Context, wanted: string, words: readonly string[]): Promise<ExitStatus> {
  const { lab, terminal, options, style } = context;
  const model = await findModel(lab, wanted);
  const recipes = words.includes(allWord) ? await usable(context, model, words) : words;
  const variants = await makeVariants(lab, model, recipes, terminal);
  const output = options.text('output');
  if (output !== undefined) {
    const folder = resolve(terminal.cwd, output);
    await mkdir(folder, { recursive: true });
    for (const variant of variants) {
      if (variant.artifact)
        await download(lab, variant.artifact.sha256, join(folder, `${model.name}-${variant.recipe}.onnx`));
    }
  }
  context.answer(variants, () => variantsText(variants, style));
  // What `all` asked for and does not apply to this model is no failure.
  const fine = ({ state, recipe, error }: Variant): boolean =>
    state === 'ready' ||
    (!words.includes(recipe) && ['pass.not-applicable', 'recipe.below-floor'].includes(error?.code ?? ''));
  return variants.every(fine) ? 0 : 1;
}

/** What `all` stands for in a lab: every recipe that the model has the data for, and what was named beside it. */
async function usable(context: Context, model: Model, words: readonly string[]): Promise<string[]> {
  const all = await context.lab.list<Recipe>('/api/v1/recipes', Recipe);
  const fits = all.filter(
    (recipe) => (!recipe.needsCalibration || model.calibration) && (!recipe.needsValidation || model.validation),
  );
  return [...new Set([...fits.map((recipe) => recipe.name), ...words.filter((word) => word !== allWord)])];
}
