import type { CompiledPlan, Model, PlanBorder, TensorInfo, Variant } from '@hilltop/contracts';

export type Format = 'onnx' | 'plan' | 'c';

export interface FormatRow {
  readonly format: Format;
  readonly title: string;
  readonly fileName: string;
  /** What the bytes come from, and are checked against; absent: the lab has to make it first. */
  readonly source?: { readonly sha256: string; readonly bytes: number };
  /** Why it cannot be had. */
  readonly blocked?: string;
}

/** The ways a variant can be taken home, those that cannot be with their reason. `plan`: one that was just made. */
export function formatsOf(variant: Variant, model: Pick<Model, 'name'>, plan?: CompiledPlan): FormatRow[] {
  const name = `${model.name}-${variant.recipe}`;
  const firmware = variant.firmware && `it is inside the firmware of ${variant.firmware.name}: nobody has its file`;
  const notReady = variant.artifact ? undefined : `it is ${variant.state}`;
  const made = variant.plan ?? plan;
  const refused = variant.planError && `no plan: ${variant.planError.message}`;
  const blocked = firmware ?? notReady;
  const planSource = made && { source: { sha256: made.sha256, bytes: made.bytes } };
  const planBlocked = blocked ?? (made ? undefined : refused);
  return [
    {
      format: 'onnx',
      title: 'ONNX',
      fileName: `${name}.onnx`,
      ...(variant.artifact && !firmware && { source: variant.artifact }),
      ...(blocked !== undefined && { blocked }),
    },
    {
      format: 'plan',
      title: 'Plan for microcontrollers',
      fileName: `${name}.plan`,
      ...planSource,
      ...(planBlocked !== undefined && { blocked: planBlocked }),
    },
    {
      format: 'c',
      title: 'Plan as a C array',
      fileName: `${name}.c`,
      ...planSource,
      ...(planBlocked !== undefined && { blocked: planBlocked }),
    },
  ];
}

const quote = (text: string): string => (/^[\w.+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/** The CLI line that takes the same file home. */
export const artifactCli = (variantId: string, { format, fileName }: Pick<FormatRow, 'format' | 'fileName'>): string =>
  `hilltop artifact get ${variantId} -o ${quote(fileName)}${format === 'onnx' ? '' : ` --format ${format}`}`;

/** `image: float32 [1, 1, 28, 28]`. */
export const tensorText = ({ name, type, dims }: TensorInfo): string => `${name}: ${type} [${dims.join(', ')}]`;

/** `int8 [1, 1, 28, 28], channels last in memory; real = (q − 3) × 0.0078`. */
export function borderText({ dims, type, layout, scale, zeroPoint }: PlanBorder): string {
  const order = layout === 'channels-last' ? ', channels last in memory' : '';
  return `${type} [${dims.join(', ')}]${order}${type === 'int8' ? `; real = (q − ${zeroPoint}) × ${scale}` : ''}`;
}

/** Few lines that load it, to copy. */
export function loadLines(
  { format, fileName }: Pick<FormatRow, 'format' | 'fileName'>,
  model: Pick<Model, 'inputs' | 'name'>,
  recipe: string,
): string {
  const symbol = `${model.name}-${recipe}`.replace(/\W/g, '_').replace(/^(?=\d)/, '_');
  switch (format) {
    case 'onnx':
      return [
        'import onnxruntime as ort',
        `session = ort.InferenceSession(${JSON.stringify(fileName)})`,
        `outputs = session.run(None, {${model.inputs.map((input) => `${JSON.stringify(input.name)}: ${input.name.replace(/\W/g, '_')}`).join(', ')}})`,
      ].join('\n');
    case 'plan':
      return `/* plan: the bytes of ${fileName}, 16-byte aligned */\nht_model_load(&model, plan, plan_bytes, arena, sizeof arena);`;
    case 'c':
      return [
        `alignas(16) static uint8_t arena[${symbol.toUpperCase()}_ARENA_BYTES];`,
        `ht_model_load(&model, ${symbol}, ${symbol.toUpperCase()}_BYTES, arena, sizeof arena);`,
      ].join('\n');
  }
}
