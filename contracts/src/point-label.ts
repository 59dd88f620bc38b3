import type { FrontierPoint } from './frontier.js';
import { settingsKey, settingsWords } from './protocol.js';

/** A point's key in a chart: variant and run settings. */
export function pointKey(point: Pick<FrontierPoint, 'variant' | 'settings'>): string {
  return `${point.variant}|${settingsKey(point.settings)}`;
}

/** What a point is called: its recipe, and its settings where these are not the plain ones. */
export function pointLabel(point: Pick<FrontierPoint, 'recipe' | 'settings'>): string {
  const extra = settingsWords(point.settings);
  return extra.length > 0 ? `${point.recipe} · ${extra.join(', ')}` : point.recipe;
}
