import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Variant } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { findModel } from '../lab/find.js';
import { makeVariants } from '../lab/make-variants.js';
import { compressFile } from '../local/compress-file.js';
import type { ExitStatus } from '../shell/exit-status.js';
import { usageError } from '../shell/usage-error.js';
import { table } from '../text/table.js';
import { formatBytes, formatMs, shortSha } from '../text/units.js';
import { ratioText, variantsText } from '../text/variants-text.js';
import { download } from './artifact-get.js';

/** Makes variants without a device: in the lab, or from a file without a lab. */
export async function compress(context: Context): Promise<ExitStatus> {
  const { options } = context;
  const model = options.required('model', '-m MODEL (a model of the lab, or a file FILE.onnx)');
  const recipes = [...options.texts('recipe')];
  if (recipes.length === 0)
    throw usageError('`hilltop compress` needs -r RECIPE, as often as you like; `hilltop recipes` lists them.');
  if (/\.onnx$/i.test(model)) return fromFile(context, model, recipes);
  if (options.text('calib'))
    throw usageError('--calib goes with -m FILE.onnx: a model of the lab has its own calibration data.');
  return inLab(context, model, recipes);
}

async function fromFile(context: Context, model: string, recipes: readonly string[]): Promise<ExitStatus> {
  const { options, terminal, style } = context;
  const path = (text: string | undefined): string | undefined => text && resolve(terminal.cwd, text);
  const [calibration, output] = [path(options.text('calib')), path(options.text('output'))];
  const made = await compressFile({
    file: resolve(terminal.cwd, model),
    recipes,
    ...(calibration && { calibration }),
    ...(output && { output }),
    signal: terminal.signal,
    onProgress: (text) => context.say(text),
  });
  const base = made.sourceBytes;
  context.answer(made, () =>
    table(
      made.variants,
      [
        { title: 'Recipe', cell: (variant) => variant.recipe },
        {
          title: 'Size',
          align: 'right',
          cell: (variant) => (variant.bytes === undefined ? undefined : formatBytes(variant.bytes)),
        },
        { title: 'of the file', align: 'right', cell: (variant) => ratioText(variant.bytes, base) },
        { title: 'Took', align: 'right', cell: (variant) => formatMs(variant.ms) },
        { title: 'SHA-256', cell: (variant) => variant.sha256 && shortSha(variant.sha256) },
        { title: 'File', cell: (variant) => variant.file },
        { title: 'Error', cell: (variant) => variant.error && `${variant.error.code}: ${variant.error.message}` },
      ],
      style,
    ),
  );
  if (!output) context.say('Nothing is kept: -o DIR writes the variants there.');
  return made.variants.some((variant) => variant.error) ? 1 : 0;
}

async function inLab(context: Context, wanted: string, recipes: string[]): Promise<ExitStatus> {
  const { lab, terminal, options, style } = context;
  const model = await findModel(lab, wanted);
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
  return variants.every((variant: Variant) => variant.state === 'ready') ? 0 : 1;
}
