import { differenceText, type MetricId, type Variant } from '@hilltop/contracts';
import { buildFraction } from './progress.js';
import type { Style } from './style.js';
import { type Column, table } from './table.js';
import { formatBytes, formatInterval, formatMetric, shortSha, significant } from './units.js';

/** Variants with their bytes, how they compare with fp32 of the same model, and their quality on validation data. */
export function variantsText(variants: readonly Variant[], style: Style): string {
  const fp32 = new Map(
    variants
      .filter((variant) => variant.recipe === 'fp32')
      .map((variant) => [variant.modelId, variant.artifact?.bytes]),
  );
  const metric =
    (id: MetricId) =>
    (variant: Variant): string | undefined => {
      const value = variant.metrics[id];
      return value && formatMetric(id, value.value);
    };
  return table(
    variants,
    [
      { title: 'Recipe', cell: (variant) => variant.recipe },
      { title: 'State', cell: stateText },
      { title: 'Size', align: 'right', cell: (variant) => sizeOf(variant, formatBytes) },
      {
        title: 'of fp32',
        align: 'right',
        cell: (variant) => sizeOf(variant, (bytes) => ratioText(bytes, fp32.get(variant.modelId))),
      },
      { title: 'Compressed', align: 'right', cell: metric('size_compressed_bytes') },
      { title: 'Parameters', align: 'right', cell: metric('parameters') },
      { title: 'MACs', align: 'right', cell: metric('macs') },
      ...screeningColumns,
      { title: 'Trained', cell: trainingText },
      { title: 'Made', cell: madeText },
      { title: 'SHA-256', cell: (variant) => variant.artifact && shortSha(variant.artifact.sha256) },
      { title: 'Remark', cell: (variant) => remarkText(variant, style) },
      { title: 'Id', cell: (variant) => style.dim(variant.id) },
    ],
    style,
  );
}

/** Of one inside a firmware nobody knows it: its artifact only names it. */
function sizeOf({ artifact, firmware }: Variant, text: (bytes: number) => string | undefined): string | undefined {
  return firmware ? '–' : artifact && text(artifact.bytes);
}

/** Never to be taken for what runs report: the titles say which data it is. */
const screeningColumns: readonly Column<Variant>[] = [
  screened('accuracy', 'Accuracy, validation'),
  {
    title: 'against the model',
    align: 'right',
    cell: ({ screening }) => screening?.comparison && differenceText(screening.comparison.difference),
  },
  screened('agreement', 'Agreement, validation'),
  // Where no class is named the distance to the model's numbers is all there is.
  {
    title: 'SQNR, validation',
    align: 'right',
    cell: (variant) => (variant.screening?.metrics.agreement ? undefined : screenedText('sqnr_db', variant)),
  },
];

function screened(id: MetricId, title: string): Column<Variant> {
  return { title, align: 'right', cell: (variant) => screenedText(id, variant) };
}

function screenedText(id: MetricId, { screening }: Variant): string | undefined {
  const value = screening?.metrics[id];
  return value && formatInterval(id, value);
}

function stateText({ state, progress }: Variant): string {
  return progress ? `${state} ${Math.floor(buildFraction(progress) * 100)} %` : state;
}

function trainingText({ metrics }: Variant): string | undefined {
  const parts = [
    ['train_device_hours', ''],
    ['train_energy_kwh', ''],
    ['train_devices', ' device'],
    ['train_samples', ' item'],
  ] as const;
  return parts
    .flatMap(([id, noun]) => {
      const value = metrics[id]?.value;
      const plural = noun && value !== 1 ? 's' : '';
      return value === undefined ? [] : [`${formatMetric(id, value)}${noun}${plural}`];
    })
    .join(', ');
}

/** A table is no place for a paragraph. */
const descriptionWidth = 40;

function madeText({ origin, description }: Variant): string | undefined {
  if (origin === 'recipe') return undefined;
  const where = origin === 'firmware' ? 'in firmware' : 'elsewhere';
  if (!description) return where;
  const short =
    description.length > descriptionWidth ? `${description.slice(0, descriptionWidth - 1).trimEnd()}…` : description;
  return `${where}: ${short}`;
}

function remarkText({ error, screening, steps }: Variant, style: Style): string | undefined {
  if (error) return `${error.code}: ${error.message}`;
  if (screening?.belowFloor) return style.warn(`below the recipe's floor: ${screening.belowFloor.join(', ')}`);
  return steps.find((step) => step.pass === 'screening')?.notes[0];
}

/** `0.27 x`; undefined where either is unknown. */
export function ratioText(bytes: number | undefined, base: number | undefined): string | undefined {
  return bytes === undefined || !base ? undefined : `${significant(bytes / base)} x`;
}
