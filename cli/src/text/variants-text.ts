import type { MetricId, Variant } from '@hilltop/contracts';
import type { Style } from './style.js';
import { table } from './table.js';
import { formatBytes, formatMetric, shortSha, significant } from './units.js';

/** Variants with their bytes and how they compare with fp32 of the same model. */
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
      { title: 'State', cell: (variant) => variant.state },
      { title: 'Size', align: 'right', cell: (variant) => variant.artifact && formatBytes(variant.artifact.bytes) },
      {
        title: 'of fp32',
        align: 'right',
        cell: (variant) => ratioText(variant.artifact?.bytes, fp32.get(variant.modelId)),
      },
      { title: 'Compressed', align: 'right', cell: metric('size_compressed_bytes') },
      { title: 'Parameters', align: 'right', cell: metric('parameters') },
      { title: 'MACs', align: 'right', cell: metric('macs') },
      { title: 'SHA-256', cell: (variant) => variant.artifact && shortSha(variant.artifact.sha256) },
      { title: 'Error', cell: (variant) => variant.error && `${variant.error.code}: ${variant.error.message}` },
      { title: 'Id', cell: (variant) => style.dim(variant.id) },
    ],
    style,
  );
}

/** `0.27 x`; undefined where either is unknown. */
export function ratioText(bytes: number | undefined, base: number | undefined): string | undefined {
  return bytes === undefined || !base ? undefined : `${significant(bytes / base)} x`;
}
