import { Comparison, Frontier, LabError, pointKey, pointLabel, protocolNames } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { comparisonText } from '../text/comparison-text.js';

/** Holds variants of a device against the first of them. A variant is a recipe, an id of a variant, or the key of a point. */
export async function compare(context: Context): Promise<void> {
  const { lab, options } = context;
  const model = options.required('model', '-m MODEL');
  const device = options.required('device', '-d DEVICE');
  const protocol = options.choice('protocol', protocolNames);
  const frontier = await lab.get('/api/v1/frontier', Frontier, { model, device, protocol });
  const points = frontier.devices.flatMap((each) => each.points);
  const keys = context.positionals.map((wish) => {
    const found = points.filter((point) => [pointKey(point), point.variant, point.recipe].includes(wish));
    if (found.length === 1) return pointKey(found[0]!);
    throw new LabError(
      'frontier.no-points',
      found.length === 0
        ? `${wish} has no run on ${device} under ${frontier.protocol}; there are ${points.map(pointLabel).join(', ')}`
        : `${wish} was measured under several settings; name one of ${found.map(pointKey).join(', ')}`,
      { wish },
    );
  });
  const query = new URLSearchParams([
    ['device', device],
    ['protocol', frontier.protocol],
    ...keys.map((key): [string, string] => ['point', key]),
  ]);
  const path = `/api/v1/models/${encodeURIComponent(frontier.model)}/comparison?${query}`;
  const comparison = await lab.get(path, Comparison);
  context.answer(comparison, () => comparisonText(comparison, context.style));
}
