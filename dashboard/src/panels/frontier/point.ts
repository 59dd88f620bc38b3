import type { FrontierPoint } from '@hilltop/contracts';
import { formatBytes } from '../../format/number.js';

export { pointKey, pointLabel } from '@hilltop/contracts';

/** The file a point's artifact is taken home as: boards, which alone have an arena, run plans. */
export const artifactName = ({ recipe, metrics }: Pick<FrontierPoint, 'recipe' | 'metrics'>): string =>
  `${recipe}.${metrics.arena_bytes ? 'plan' : 'onnx'}`;

/** One inside a device's firmware has no file that anybody could take home, and so no size. */
export const hasFile = ({ metrics }: Pick<FrontierPoint, 'metrics'>): boolean => metrics.size_bytes !== undefined;

export const sizeText = (point: Pick<FrontierPoint, 'artifact' | 'metrics'>): string =>
  hasFile(point) ? formatBytes(point.artifact.bytes) : '–';
