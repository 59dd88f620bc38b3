import { basename, resolve } from 'node:path';
import { type Model, qualityMetrics, RecipeName, type Training } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { findModel } from '../lab/find.js';
import { pushModel } from '../lab/push-model.js';
import { pushVariant } from '../lab/push-variant.js';
import type { ExitStatus } from '../shell/exit-status.js';
import type { Options } from '../shell/options.js';
import { usageError } from '../shell/usage-error.js';
import { UploadProgress } from '../text/progress.js';
import { formatBytes, formatMetric } from '../text/units.js';
import { variantsText } from '../text/variants-text.js';
import { pushInFirmware } from './models-push-firmware.js';

/** Uploads a model and its labelled data, or a variant of a model that was made elsewhere, or names one inside a device's firmware. */
export async function modelsPush(context: Context): Promise<ExitStatus> {
  const of = context.options.text('variant-of');
  const device = context.options.text('in-firmware-of');
  if (device !== undefined) return pushInFirmware(context, device, of);
  if (context.options.text('firmware-input') !== undefined)
    throw usageError('--firmware-input goes with --in-firmware-of DEVICE: other firmware says itself what it takes.');
  return of === undefined ? ofModel(context) : ofVariant(context, of);
}

async function ofModel(context: Context): Promise<ExitStatus> {
  const { options, terminal } = context;
  if (options.text('description') !== undefined)
    throw usageError('--description goes with --variant-of MODEL: it says how a variant was made.');
  const file = fileOf(context);
  const progress = new UploadProgress(terminal);
  const path = (name: string): string | undefined => {
    const given = options.text(name);
    return given === undefined ? undefined : resolve(terminal.cwd, given);
  };
  const [evaluation, calibration, validation] = [path('eval'), path('calib'), path('valid')];
  const metric = options.choice('metric', qualityMetrics);
  const shapes = parseShapes(options.texts('shape'));
  const training = trainingOf(options);
  const model = await pushModel(context.lab, {
    file,
    name: options.text('name') ?? basename(file).replace(/\.onnx$/i, ''),
    ...(evaluation && { evaluation }),
    ...(calibration && { calibration }),
    ...(validation && { validation }),
    ...(metric && { metric }),
    ...(Object.keys(shapes).length > 0 && { shapes }),
    ...(training && { training }),
    onProgress: progress.show,
  });
  progress.end();
  context.answer(model, () => pushedText(model));
  return 0;
}

async function ofVariant(context: Context, of: string): Promise<ExitStatus> {
  const { options, terminal, lab } = context;
  refuseModelOptions(options, of);
  const file = fileOf(context);
  const name = variantName(options.text('name'), file);
  const training = trainingOf(options);
  const model = await findModel(lab, of);
  const progress = new UploadProgress(terminal);
  const description = options.text('description');
  const variant = await pushVariant(
    lab,
    {
      file,
      model,
      name,
      ...(description !== undefined && { description }),
      ...(training && { training }),
      onProgress: progress.show,
    },
    terminal,
  );
  progress.end();
  context.answer(variant, () => variantsText([variant], context.style));
  context.say(`Measure it beside the others: hilltop run -m ${model.name} -r ${name} -d DEVICE`);
  return variant.state === 'ready' ? 0 : 1;
}

/** Throws `usage.invalid` for what belongs to the model. */
export function refuseModelOptions(options: Options, of: string): void {
  const stray = ['eval', 'calib', 'valid', 'metric', 'shape'].find((name) => options.texts(name).length > 0);
  if (stray) throw usageError(`--${stray} is the model's: a variant is measured on the data of ${of}.`);
}

function fileOf({ positionals, terminal }: Context): string {
  if (positionals[0] === undefined) throw usageError('`hilltop models push` needs FILE.onnx.');
  return resolve(terminal.cwd, positionals[0]);
}

function pushedText(model: Model): string {
  const data = model.evaluation
    ? `, ${model.evaluation.items} items to evaluate`
    : '; no evaluation set: quality will be absent';
  return `${model.name} (${model.id}): ${formatBytes(model.bytes)}, ${formatMetric('parameters', model.parameters)} parameters${data}\n`;
}

/** The name given, else the file's in the letters that a name may have. Throws `usage.invalid`. */
export function variantName(given: string | undefined, file: string): string {
  const name = given ?? plainName(basename(file).replace(/\.onnx$/i, ''));
  const parsed = RecipeName.safeParse(name);
  if (!parsed.success)
    throw usageError(`"${name}" is no name of a variant (${parsed.error.issues[0]!.message}): give one with --name.`);
  return parsed.data;
}

const plainName = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9+._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 63)
    .replace(/[^a-z0-9]+$/, '');

/** What training cost, as stated; undefined where nothing was. */
export function trainingOf(options: Options): Training | undefined {
  const training = {
    train_device_hours: options.positive('train-device-hours'),
    train_devices: options.integer('train-devices', 1),
    train_energy_kwh: options.positive('train-energy-kwh'),
    train_samples: options.integer('train-samples', 1),
  };
  const stated = Object.entries(training).filter(([, value]) => value !== undefined);
  return stated.length > 0 ? (Object.fromEntries(stated) as Training) : undefined;
}

/** `in=1x3x224x224` -> `{ in: [1, 3, 224, 224] }`. */
export function parseShapes(texts: readonly string[]): Record<string, number[]> {
  const shapes: Record<string, number[]> = {};
  for (const text of texts) {
    const match = /^(.+)=(\d+(?:x\d+)*)$/.exec(text);
    if (!match) throw usageError(`--shape "${text}" is not a shape such as in=1x3x224x224.`);
    shapes[match[1]!] = match[2]!.split('x').map(Number);
  }
  return shapes;
}
