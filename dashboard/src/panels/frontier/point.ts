import { type FrontierPoint, type ProtocolName } from '@hilltop/contracts';
import { formatBytes } from '../../format/number.js';

export { pointKey, pointLabel } from '@hilltop/contracts';

/** The file a point's artifact is taken home as: boards, which alone have an arena, run plans. */
export const artifactName = ({ recipe, metrics }: Pick<FrontierPoint, 'recipe' | 'metrics'>): string =>
  `${recipe}.${metrics.arena_bytes ? 'plan' : 'onnx'}`;

/** One inside a device's firmware has no file that anybody could take home, and so no size. */
export const hasFile = ({ metrics }: Pick<FrontierPoint, 'metrics'>): boolean => metrics.size_bytes !== undefined;

export const sizeText = (point: Pick<FrontierPoint, 'artifact' | 'metrics'>): string =>
  hasFile(point) ? formatBytes(point.artifact.bytes) : '–';

const quote = (text: string): string => (/^[\w.+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/** The CLI line that measures a point again: same recipe, device, settings and rules. */
export function measureLine(
  { recipe, settings }: Pick<FrontierPoint, 'recipe' | 'settings'>,
  at: { readonly model: string; readonly device: string; readonly protocol: ProtocolName | undefined },
): string {
  return [
    `hilltop run -m ${quote(at.model)} -r ${quote(recipe)} -d ${quote(at.device)}`,
    ...(at.protocol ? [`--protocol ${at.protocol}`] : []),
    ...(settings.threads === 1 ? [] : [`--threads ${settings.threads}`]),
    ...(settings.graphLevel === 'all' ? [] : [`--graph-level ${settings.graphLevel}`]),
    ...(settings.runtime === undefined ? [] : [`--runtime ${quote(settings.runtime)}`]),
    ...(settings.provider === undefined ? [] : [`--provider ${quote(settings.provider)}`]),
    ...(settings.precision === undefined ? [] : [`--precision ${settings.precision}`]),
  ].join(' ');
}
