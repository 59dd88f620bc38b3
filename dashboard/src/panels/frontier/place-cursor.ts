import type { ChartModel } from './chart-model.js';

/** Pixels of a place in the data; undefined where this picture does not show it. */
export function placeCursor(
  { x, y, plot }: Pick<ChartModel, 'x' | 'y' | 'plot'>,
  at: { readonly x: number; readonly y: number },
): { readonly x: number; readonly y: number } | undefined {
  if ((x.scale.kind === 'log' && at.x <= 0) || (y.scale.kind === 'log' && at.y <= 0)) return undefined;
  const place = { x: x.scale.at(at.x), y: y.scale.at(at.y) };
  const isInside = place.x >= plot.left && place.x <= plot.right && place.y >= plot.top && place.y <= plot.bottom;
  return isInside ? place : undefined;
}

/** The name of a chart for pointers: data of other axes are another place. */
export const cursorPanel = (device: string, x: string, y: string): string =>
  `frontier/${device}/${x}/${y}`.slice(0, 120);
