import { type FrontierPoint, settingsKey, settingsWords } from '@hilltop/contracts';
import { formatBytes } from '../../format/number.js';

/** A point's key in a chart: variant and run settings. */
export function pointKey(point: Pick<FrontierPoint, 'variant' | 'settings'>): string {
  return `${point.variant}|${settingsKey(point.settings)}`;
}

/** What a point is called: its recipe, and its settings where these are not the plain ones. */
export function pointLabel(point: Pick<FrontierPoint, 'recipe' | 'settings'>): string {
  const extra = settingsWords(point.settings);
  return extra.length > 0 ? `${point.recipe} · ${extra.join(', ')}` : point.recipe;
}

/** The file a point's artifact is taken home as: boards, which alone have an arena, run plans. */
export const artifactName = ({ recipe, metrics }: Pick<FrontierPoint, 'recipe' | 'metrics'>): string =>
  `${recipe}.${metrics.arena_bytes ? 'plan' : 'onnx'}`;

/** One inside a device's firmware has no file that anybody could take home, and so no size. */
export const hasFile = ({ metrics }: Pick<FrontierPoint, 'metrics'>): boolean => metrics.size_bytes !== undefined;

export const sizeText = (point: Pick<FrontierPoint, 'artifact' | 'metrics'>): string =>
  hasFile(point) ? formatBytes(point.artifact.bytes) : '–';
