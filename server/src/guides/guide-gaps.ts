import {
  type DeviceFrontier,
  type GuideEntry,
  type GuideGap,
  type MetricId,
  type MetricRow,
  metrics as metricTable,
  settingsKey,
  settingsWords,
} from '@hilltop/contracts';
import type { VariantEntity } from '../variants/variant.entity.js';

export interface Measured {
  readonly frontier: DeviceFrontier;
  readonly entries: readonly GuideEntry[];
  readonly variants: readonly Pick<VariantEntity, 'id' | 'recipeName' | 'state' | 'error'>[];
  readonly metrics: readonly MetricId[];
}

/** What is not known of a device, so that nobody takes silence for an answer. */
export function gapsOf({ frontier, entries, variants, metrics }: Measured): GuideGap[] {
  const measured = new Set(entries.map(({ variant }) => variant));
  const rest = variants.filter(({ id }) => !measured.has(id));
  const never = rest.filter(({ state }) => state !== 'failed').map(({ recipeName }) => recipeName);
  const bare = new Set(
    entries
      .filter(({ recipe, against }) => recipe !== 'fp32' && Object.keys(against).length === 0)
      .map(({ settings }) => settingsKey(settings)),
  );
  return [
    ...metrics
      // A host has no arena, a microcontroller no process: one of the two is all there can be.
      .filter((metric) => !entries.some((entry) => entry.metrics[metric]) && !isStoodInFor(metric, entries))
      .map((metric): GuideGap => ({ kind: 'metric', text: metricGap(metric) })),
    ...[...bare].map((key): GuideGap => {
      const words = settingsWords(entries.find(({ settings }) => settingsKey(settings) === key)!.settings);
      return {
        kind: 'reference',
        text: `no run of fp32${words.length > 0 ? ` with ${words.join(', ')}` : ''}: what was measured there is compared with nothing`,
      };
    }),
    ...(entries.some(({ against }) => Object.values(against).some(({ disturbed }) => disturbed))
      ? [
          {
            kind: 'reference' as const,
            text: 'some results, or fp32 itself, were disturbed: their ratios may be further off than their intervals say',
          },
        ]
      : []),
    ...(never.length > 0 ? [{ kind: 'recipe' as const, text: `never run here: ${never.join(', ')}` }] : []),
    ...rest
      .filter(({ state }) => state === 'failed')
      .map(
        ({ recipeName, error }): GuideGap => ({
          kind: 'failed',
          text: `${recipeName} could not be made${error ? `: ${error.message}` : ''}`,
        }),
      ),
    ...Object.entries(frontier.excluded).map(
      ([reason, n]): GuideGap => ({ kind: 'excluded', text: `${n} left out as ${reason}` }),
    ),
  ];
}

const twins: Partial<Record<MetricId, MetricId>> = {
  memory_peak_bytes: 'arena_bytes',
  arena_bytes: 'memory_peak_bytes',
};

function isStoodInFor(metric: MetricId, entries: readonly GuideEntry[]): boolean {
  const twin = twins[metric];
  // With neither of the two, one sentence is enough.
  return twin !== undefined && (metric === 'arena_bytes' || entries.some((entry) => entry.metrics[twin]));
}

function metricGap(metric: MetricId): string {
  const { label, source }: MetricRow = metricTable[metric];
  const words = label.charAt(0).toLowerCase() + label.slice(1);
  if (source === 'sensor') return `${words}: no sensor here says what the device takes`;
  if (source === 'quality') return `${words}: no labelled data was run here`;
  return `${words}: not measured here`;
}
