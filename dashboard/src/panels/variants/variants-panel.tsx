import { type MetricId, metrics } from '@hilltop/contracts';
import { useMemo } from 'react';
import { useTopic, useValues } from '../../app/lab-context.js';
import { formatMetric } from '../../format/number.js';
import { DownloadButton } from '../../ui/download-button.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { ScrollBox } from '../../ui/scroll-box.js';
import { VariantStateMark } from '../../ui/state-mark.js';
import type { PanelProps } from '../panel-name.js';
import css from './variants.module.css';

const columns = ['size_bytes', 'parameters', 'macs'] as const satisfies readonly MetricId[];

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
  return (
    <ScrollBox label="Table of variants">
      <table>
        <thead>
          <tr>
            <th scope="col">Recipe</th>
            <th scope="col">State</th>
            {columns.map((metric) => (
              <th key={metric} scope="col" className="number">
                {metrics[metric].label}
              </th>
            ))}
            <th scope="col" className="number">
              Of fp32
            </th>
            <th scope="col">Take home</th>
          </tr>
        </thead>
        <tbody>
          {variants.map((variant) => (
            <tr key={variant.id}>
              <th scope="row" className={css.recipe}>
                {variant.recipe}
              </th>
              <td>
                <VariantStateMark state={variant.state} />
                {variant.error && <p className={css.error}>{variant.error.message}</p>}
              </td>
              {columns.map((metric) => (
                <td key={metric} className="number">
                  {sizeOf(metric, variant)}
                </td>
              ))}
              <td className="number">
                {base && variant.artifact ? `${((variant.artifact.bytes / base) * 100).toFixed(0)}\u00a0%` : ''}
              </td>
              <td>
                {variant.artifact && (
                  <DownloadButton
                    artifact={variant.artifact}
                    fileName={`${model?.name ?? 'model'}-${variant.recipe}.onnx`}
                  />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

function sizeOf(
  metric: MetricId,
  variant: {
    readonly metrics: Readonly<Partial<Record<MetricId, { value: number }>>>;
    readonly artifact?: { bytes: number } | undefined;
  },
): string {
  const value = variant.metrics[metric]?.value ?? (metric === 'size_bytes' ? variant.artifact?.bytes : undefined);
  return value === undefined ? '' : formatMetric(metric, value);
}
