import { type MetricId, metrics, type Variant } from '@hilltop/contracts';
import { useMemo } from 'react';
import { useTopic, useValues } from '../../app/lab-context.js';
import { formatMetric, formatShare } from '../../format/number.js';
import { DownloadButton } from '../../ui/download-button.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { ScrollBox } from '../../ui/scroll-box.js';
import { VariantStateMark } from '../../ui/state-mark.js';
import type { PanelProps } from '../panel-name.js';
import {
  buildShare,
  comparisonText,
  differenceText,
  remarkOf,
  type ScreeningMetric,
  screeningText,
  screeningTitle,
  trainingText,
} from './screening-text.js';
import css from './variants.module.css';

const costs = ['parameters', 'macs', 'size_compressed_bytes'] as const satisfies readonly MetricId[];

interface Column {
  readonly title: string;
  readonly text: (variant: Variant) => string;
  /** More of it, for a pointer that rests there. */
  readonly hint?: (variant: Variant) => string | undefined;
}

/** The variants with what is known of them without a device, and taking one home. */
export function VariantsPanel({ subject }: PanelProps) {
  const modelId = subject.modelId ?? '';
  const topic = useTopic(`model/${modelId}`);
  const model = useTopic('lab').entities.model.get(modelId);
  const all = useValues(topic.entities.variant);
  const variants = useMemo(
    () =>
      [...all].sort((a, b) => (b.artifact?.bytes ?? 0) - (a.artifact?.bytes ?? 0) || a.recipe.localeCompare(b.recipe)),
    [all],
  );
  if (topic.phase === 'waiting') return <Skeleton rows={4} />;
  if (variants.length === 0) return <Empty>No variant yet. A job makes one from each recipe it asks for.</Empty>;
  const base = variants.find((v) => v.recipe === 'fp32')?.artifact?.bytes ?? model?.bytes;
  const shown = columnsOf(base).filter(({ text }) => variants.some((variant) => text(variant) !== ''));
  const items = variants.find((variant) => variant.screening)?.screening?.items;
  return (
    <>
      {items !== undefined && (
        <p className="caption">
          Quality here is screening by the lab on {items.toLocaleString('en')} validation items: for choosing. What runs
          report is measured on the evaluation set.
        </p>
      )}
      <ScrollBox label="Table of variants">
        <table className={css.table}>
          <thead>
            <tr>
              <th scope="col">Recipe</th>
              <th scope="col">State</th>
              {shown.map(({ title }) => (
                <th key={title} scope="col" className="number">
                  {title}
                </th>
              ))}
              <th scope="col">Take home</th>
            </tr>
          </thead>
          <tbody>
            {variants.map((variant) => (
              <VariantRow key={variant.id} variant={variant} columns={shown} modelName={model?.name ?? 'model'} />
            ))}
          </tbody>
        </table>
      </ScrollBox>
    </>
  );
}

interface VariantRowProps {
  readonly variant: Variant;
  readonly columns: readonly Column[];
  readonly modelName: string;
}

function VariantRow({ variant, columns, modelName }: VariantRowProps) {
  const remark = remarkOf(variant);
  const share = buildShare(variant);
  return (
    <tr>
      <th scope="row" className={css.recipe}>
        {variant.recipe}
        {variant.origin === 'elsewhere' && (
          <span className={css.origin}>
            <span className={css.tag}>made elsewhere</span> {variant.description}
          </span>
        )}
        {variant.firmware && (
          <span className={css.origin}>
            <span className={css.tag}>in firmware</span> {variant.firmware.model} of {variant.firmware.name}{' '}
            {variant.description}
          </span>
        )}
      </th>
      <td>
        <VariantStateMark state={variant.state} />
        {variant.progress && share !== undefined && (
          <span className={css.building}>
            {formatShare(share)} {variant.progress.step}
          </span>
        )}
        {remark && <p className={variant.error ? css.error : css.remark}>{remark}</p>}
      </td>
      {columns.map(({ title, text, hint }) => (
        <td key={title} className="number" title={hint?.(variant)}>
          {text(variant)}
        </td>
      ))}
      <td>
        {variant.artifact && !variant.firmware && (
          <DownloadButton artifact={variant.artifact} fileName={`${modelName}-${variant.recipe}.onnx`} />
        )}
      </td>
    </tr>
  );
}

/** What is chosen by comes first: on a small screen the rest is scrolled to. */
function columnsOf(base: number | undefined): Column[] {
  return [
    { title: metrics.size_bytes.label, text: (variant) => costText('size_bytes', variant) },
    {
      title: 'Of fp32',
      text: ({ artifact, firmware }) =>
        base && artifact && !firmware ? `${((artifact.bytes / base) * 100).toFixed(0)}\u00a0%` : '',
    },
    screened('accuracy'),
    {
      title: 'Against fp32, validation',
      text: ({ screening }) => differenceText(screening?.comparison),
      hint: ({ screening }) => screening?.comparison && comparisonText(screening.comparison),
    },
    screened('agreement'),
    screened('sqnr_db'),
    ...costs.map((metric) => ({ title: metrics[metric].label, text: (variant: Variant) => costText(metric, variant) })),
    { title: 'Training, as stated', text: trainingText },
  ];
}

const screened = (metric: ScreeningMetric): Column => ({
  title: screeningTitle(metric),
  text: ({ screening }) => screeningText(metric, screening),
});

function costText(metric: MetricId, variant: Variant): string {
  // Nobody has its file: its artifact only names it.
  if (variant.firmware && metric === 'size_bytes') return '–';
  const value = variant.metrics[metric]?.value ?? (metric === 'size_bytes' ? variant.artifact?.bytes : undefined);
  return value === undefined ? '' : formatMetric(metric, value);
}
