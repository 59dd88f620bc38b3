import { basename, resolve } from 'node:path';
import { type Model, qualityMetrics } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { pushModel } from '../lab/push-model.js';
import { usageError } from '../shell/usage-error.js';
import { UploadProgress } from '../text/progress.js';
import { formatBytes, formatMetric } from '../text/units.js';

/** Uploads a model and its labelled data. */
export async function modelsPush(context: Context): Promise<void> {
  const { options, terminal } = context;
  const file = resolve(terminal.cwd, context.positionals[0]!);
  const progress = new UploadProgress(terminal);
  const path = (name: string): string | undefined => {
    const given = options.text(name);
    return given === undefined ? undefined : resolve(terminal.cwd, given);
  };
  const [evaluation, calibration, validation] = [path('eval'), path('calib'), path('valid')];
  const metric = options.choice('metric', qualityMetrics);
  const shapes = parseShapes(options.texts('shape'));
  const model = await pushModel(context.lab, {
    file,
    name: options.text('name') ?? basename(file).replace(/\.onnx$/i, ''),
    ...(evaluation && { evaluation }),
    ...(calibration && { calibration }),
    ...(validation && { validation }),
    ...(metric && { metric }),
    ...(Object.keys(shapes).length > 0 && { shapes }),
    onProgress: progress.show,
  });
  progress.end();
  context.answer(model, () => pushedText(model));
}

function pushedText(model: Model): string {
  const data = model.evaluation
    ? `, ${model.evaluation.items} items to evaluate`
    : '; no evaluation set: quality will be absent';
  return `${model.name} (${model.id}): ${formatBytes(model.bytes)}, ${formatMetric('parameters', model.parameters)} parameters${data}\n`;
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
