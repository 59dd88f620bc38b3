import { type FrontierPoint, settingsKey } from '@hilltop/contracts';

/** A point's key in a chart: variant and run settings. */
export function pointKey(point: Pick<FrontierPoint, 'variant' | 'settings'>): string {
  return `${point.variant}|${settingsKey(point.settings)}`;
}

/** What a point is called: its recipe, and its settings where these are not the plain ones. */
export function pointLabel(point: Pick<FrontierPoint, 'recipe' | 'settings'>): string {
  const { threads, graphLevel } = point.settings;
  const extra = [
    ...(threads > 1 ? [`${threads} threads`] : []),
    ...(graphLevel === 'all' ? [] : [`graph ${graphLevel}`]),
  ];
  return extra.length > 0 ? `${point.recipe} · ${extra.join(', ')}` : point.recipe;
}
