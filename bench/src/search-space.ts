import {
  type MetricId,
  type MetricValues,
  metrics,
  type Objective,
  objectiveOf,
  settingsKey,
} from '@hilltop/contracts';
import type { SearchPlace, SearchPoint } from '@hilltop/server/dist/sweeps/samplers/sampler.js';
import type { Interval, RecordedPoint, RecordedVariant, Recording } from './recording.js';

export const objectives: readonly Objective[] = (['latency_p50_ms', 'accuracy'] as const).map(objectiveOf);

export type ReplayProtocol = 'quick' | 'standard';

/** A recorded run, as the search and the reader see it. */
export interface ReplayedRun {
  /** Quality is that on validation data, as the engine gives it. */
  readonly seen: MetricValues;
  /** Latency and accuracy on evaluation data: what the lab reports. */
  readonly reported: readonly number[];
  readonly seconds: number;
}

/** One model on one device out of its recording. */
export interface ReplayPlace {
  readonly model: string;
  readonly device: string;
  readonly place: SearchPlace;
  readonly runOf: (pointKey: string, protocol: ReplayProtocol) => ReplayedRun;
  /** Values of the control, and from where volumes are measured. */
  readonly control: { readonly key: string; readonly values: readonly number[] };
  readonly corner: readonly number[];
}

const value = (id: MetricId, [middle, low, high]: Interval, n: number): MetricValues => ({
  [id]: { value: middle, low, high, n, unit: metrics[id].unit },
});
const exact = (id: MetricId, number: number | undefined): MetricValues =>
  number === undefined ? {} : { [id]: { value: number, n: 1, unit: metrics[id].unit } };

function screeningOf({ screening }: RecordedVariant, items: number): MetricValues {
  return {
    ...value('accuracy', screening.accuracy, items),
    ...exact('size_bytes', screening.sizeBytes),
    ...exact('macs', screening.macs),
    ...exact('activation_peak_bytes', screening.activationPeakBytes),
  };
}

/** As the coordinator describes a recipe: its passes, and their parameters. */
function featuresOf({ steps }: RecordedVariant): Record<string, number | string> {
  const features: Record<string, number | string> = {};
  for (const { pass, parameters } of steps) {
    features[pass] = 1;
    for (const [name, given] of Object.entries(parameters))
      features[`${pass}.${name}`] =
        typeof given === 'boolean' ? Number(given) : Array.isArray(given) ? given.join(',') : given;
  }
  return features;
}

/** The recording as a place to search at. The reference point is what the lab takes: twice the control's cost, and chance. */
export function replayPlace(recording: Recording): ReplayPlace {
  const { model, device, items } = recording;
  const variants = new Map(recording.variants.map((variant) => [variant.recipe, variant]));
  const keyOf = ({ recipe, settings }: RecordedPoint): string => `${model} ${recipe} ${settingsKey(settings)}`;
  const recorded = new Map(recording.points.map((point) => [keyOf(point), point]));
  const order = new Map(recording.variants.map(({ recipe }, i) => [recipe, i]));
  // The grid's order is that of the recipes, not that in which they happened to be recorded.
  const sorted = recording.points.toSorted(
    (a, b) => order.get(a.recipe)! - order.get(b.recipe)! || (keyOf(a) < keyOf(b) ? -1 : 1),
  );
  const points = sorted.map((point): SearchPoint => {
    const variant = variants.get(point.recipe)!;
    return {
      key: keyOf(point),
      recipe: point.recipe,
      settings: point.settings,
      screening: screeningOf(variant, items.validation),
      features: featuresOf(variant),
    };
  });
  const control = sorted.find((p) => p.recipe === recording.control && p.settings.graphLevel === 'all')!;
  const valuesOf = (point: RecordedPoint, protocol: ReplayProtocol): readonly number[] => [
    point[protocol].latencyMs[0],
    variants.get(point.recipe)!.accuracy[0],
  ];
  const [latency] = valuesOf(control, 'standard');
  const corner = [2 * latency!, 1 / recording.classes];
  return {
    model,
    device,
    corner,
    control: { key: keyOf(control), values: valuesOf(control, 'standard') },
    place: {
      deviceId: device,
      deviceType: device,
      emulated: recording.emulated,
      reference: corner,
      points,
    },
    runOf: (pointKey, protocol) => {
      const point = recorded.get(pointKey)!;
      const { latencyMs, seconds } = point[protocol];
      const screened = variants.get(point.recipe)!.screening.accuracy;
      return {
        seen: {
          ...value('latency_p50_ms', latencyMs, recording.protocols[protocol].blocks),
          ...value('accuracy', screened, items.validation),
        },
        reported: valuesOf(point, protocol),
        seconds,
      };
    },
  };
}
