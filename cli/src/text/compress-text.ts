import { differenceText, type MetricId, type MetricValue, shareInterval } from '@hilltop/contracts';
import type { CompressProgress } from '../local/compress/plan.js';
import type { CompressedFile, JudgedVariant } from '../local/compress-file.js';
import { bar } from './progress.js';
import type { Style } from './style.js';
import { type Column, table } from './table.js';
import { formatBytes, formatInterval, formatMetric, formatMs } from './units.js';
import { ratioText } from './variants-text.js';

/** What came of a file: cost, quality where there is validation data, remarks, refusals with their remedy. */
export function compressedText(made: CompressedFile, style: Style): string {
  const good = made.variants.filter((variant) => !variant.error);
  return [costText(good, made.sourceBytes, style), qualityText(good, style), ...listsText(made.variants, style)]
    .filter((part) => part !== '')
    .join('\n');
}

function costText(variants: readonly JudgedVariant[], base: number, style: Style): string {
  const metric = (title: string, id: MetricId): Column<JudgedVariant> => ({
    title,
    align: 'right',
    cell: ({ metrics }) => metrics?.[id] && formatMetric(id, metrics[id].value),
  });
  return table(
    variants,
    [
      { title: 'Recipe', cell: (variant) => variant.recipe },
      { title: 'Size', align: 'right', cell: ({ bytes }) => (bytes === undefined ? undefined : formatBytes(bytes)) },
      { title: 'of the file', align: 'right', cell: ({ bytes }) => ratioText(bytes, base) },
      metric('Compressed', 'size_compressed_bytes'),
      metric('Parameters', 'parameters'),
      {
        title: 'Zeros',
        align: 'right',
        cell: ({ metrics }) => metrics?.sparsity && `${(metrics.sparsity.value * 100).toFixed(1)} %`,
      },
      metric('MACs', 'macs'),
      metric('Activations', 'activation_peak_bytes'),
      { title: 'Took', align: 'right', cell: ({ ms, reused }) => (reused ? 'was there' : formatMs(ms)) },
    ],
    style,
  );
}

function qualityText(variants: readonly JudgedVariant[], style: Style): string {
  const screened = variants.find((variant) => variant.screening)?.screening;
  if (!screened) return '';
  const metric = (title: string, id: MetricId): Column<JudgedVariant> => ({
    title,
    align: 'right',
    cell: ({ screening }) => screening?.metrics[id] && formatInterval(id, screening.metrics[id] as MetricValue),
  });
  const pairs = screened.comparison;
  const fp32 = pairs && shareInterval(pairs.both + pairs.onlyModel, screened.items);
  const fp32Text = fp32
    ? `; fp32 has ${formatInterval('accuracy', { ...fp32, n: screened.items, unit: '' })} accuracy`
    : '';
  const heading = `On ${screened.items} validation items${fp32Text}; in brackets 95 % intervals:\n`;
  const statement = ({ noWorse }: JudgedVariant): string | undefined => {
    if (!noWorse) return undefined;
    const colour = { holds: style.good, open: style.warn, worse: style.bad }[noWorse.verdict];
    return colour(noWorse.statement);
  };
  return (
    heading +
    table(
      variants,
      [
        { title: 'Recipe', cell: (variant) => variant.recipe },
        metric('Accuracy', 'accuracy'),
        {
          title: 'against fp32',
          align: 'right',
          cell: ({ screening }) => screening?.comparison && differenceText(screening.comparison.difference),
        },
        { title: 'Statement', cell: statement },
        metric('Agreement', 'agreement'),
        // Where no class is named the distance to the model's numbers is all there is.
        ...(variants.some(({ screening }) => screening?.metrics.agreement) ? [] : [metric('SQNR', 'sqnr_db')]),
      ],
      style,
    )
  );
}

/** Remarks, what went wrong, and what `all` left out. */
function listsText(variants: readonly JudgedVariant[], style: Style): string[] {
  const refusals = (which: readonly JudgedVariant[]): [string, string][] =>
    which.map(({ recipe, error }) => [`${error!.message} ${style.dim(`[${error!.code}]`)}`, recipe]);
  const failed = variants.filter((variant) => variant.error);
  return [
    listText(
      'Remarks:',
      variants.flatMap((variant) => remarks(variant, style).map((text): [string, string] => [text, variant.recipe])),
    ),
    listText(style.bad('Not made:'), refusals(failed.filter(({ leftOut }) => !leftOut))),
    listText('Left out, they do not apply:', refusals(failed.filter(({ leftOut }) => leftOut))),
  ];
}

/** Each text once, under the recipes it is about. */
function listText(title: string, entries: readonly (readonly [text: string, recipe: string])[]): string {
  const groups = new Map<string, string[]>();
  for (const [text, recipe] of entries) groups.set(text, [...(groups.get(text) ?? []), recipe]);
  if (groups.size === 0) return '';
  return `${title}\n${[...groups].map(([text, recipes]) => `  ${recipes.join(', ')}\n      ${text}\n`).join('')}`;
}

function remarks(variant: JudgedVariant, style: Style): string[] {
  const { unchanged, screening, steps, troubles } = variant;
  const notes = (steps ?? []).flatMap((step) =>
    step.notes.filter((note) => note !== 'changed nothing' || !unchanged).map((note) => `${step.pass}: ${note}`),
  );
  return [
    ...(unchanged ? [style.warn('changed nothing: it computes what the model computes')] : []),
    ...(screening?.belowFloor
      ? [style.bad(`below what the recipe declares to keep: ${screening.belowFloor.join(', ')}`)]
      : []),
    ...(troubles ?? []).map((trouble) => style.warn(`${trouble.message} [${trouble.code}]`)),
    ...notes,
  ];
}

/** `███───  29 %  [2/10] int8-static: step 1 of 3, quantize-static` */
export function progressText(index: number, count: number, recipe: string, progress: CompressProgress): string {
  const within = (progress.step - 1 + (progress.fraction ?? 0)) / progress.steps;
  return `${bar((index + within) / count)}  [${index + 1}/${count}] ${stepText(recipe, progress)}`;
}

/** `int8-static: step 1 of 3, quantize-static 40 %` */
export function stepText(recipe: string, { step, steps, doing, fraction }: CompressProgress): string {
  const share = fraction === undefined ? '' : ` ${Math.floor(fraction * 100)} %`;
  return `${recipe}: step ${step} of ${steps}, ${doing}${share}`;
}
