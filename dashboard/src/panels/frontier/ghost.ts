import {
  type BaselineFrontier,
  cornersPath,
  type DeviceFrontier,
  frontierOf,
  type ProtocolName,
  stairCorners,
} from '@hilltop/contracts';
import type { ChartModel } from './chart-model.js';
import { pointKey } from './point.js';

/** The frontier of a baseline behind today's: its stairs, its name, and an arrow for each point that moved. */
export interface Ghost {
  readonly path: string;
  readonly label: string;
  /** Where the name stands, at the end of the stairs. */
  readonly place: { readonly x: number; readonly y: number };
  readonly moves: readonly { readonly key: string; readonly from: Spot; readonly to: Spot }[];
}

interface Spot {
  readonly x: number;
  readonly y: number;
}

/** Nearer than this a point has not moved. */
const movedPx = 8;
/** More arrows than this say nothing. */
const mostMoves = 30;

/** What a baseline says of a device, and why it cannot be held against it. */
export function baselineOf(
  base: BaselineFrontier | undefined,
  frontier: DeviceFrontier,
  protocol: ProtocolName | undefined,
): { readonly before?: DeviceFrontier; readonly why?: string } {
  if (!base) return {};
  const { name } = base.baseline;
  if (protocol !== undefined && base.protocol !== protocol)
    return { why: `${name} was measured under ${base.protocol}, so it is not drawn` };
  const before = base.devices.find(({ device }) => device.id === frontier.device.id);
  if (!before) return { why: `${name} has no run of this model here` };
  if (before.key !== undefined && frontier.key !== undefined && before.key !== frontier.key)
    return { why: `${name} was measured as ${before.key}, this as ${frontier.key}: not drawn together` };
  return { before };
}

/** In the pixels of a chart. Undefined where the baseline has no point with both metrics. */
export function ghostOf(model: ChartModel, before: DeviceFrontier, label: string): Ghost | undefined {
  const { x, y, plot } = model;
  const placed = before.points.filter(
    (p) => p.verdict !== 'invalid' && p.metrics[x.metric] !== undefined && p.metrics[y.metric] !== undefined,
  );
  const values = placed.map((p) => ({ x: p.metrics[x.metric]!.value, y: p.metrics[y.metric]!.value, point: p }));
  const front = frontierOf(values, x.direction, y.direction);
  const corners = stairCorners(
    front.map((p): [number, number] => [p.x, p.y]),
    x,
    y,
    plot,
  );
  if (corners.length === 0) return undefined;
  const now = new Map(model.marks.map((mark) => [mark.key, mark]));
  const inside = (spot: Spot): boolean =>
    spot.x >= plot.left && spot.x <= plot.right && spot.y >= plot.top && spot.y <= plot.bottom;
  const moves = values.flatMap(({ x: vx, y: vy, point }) => {
    const to = now.get(pointKey(point));
    if (!to || to.beyond || (to.status === 'dominated' && point.status === 'dominated')) return [];
    const from = { x: x.scale.at(vx), y: y.scale.at(vy) };
    const length = Math.hypot(to.cx - from.x, to.cy - from.y);
    return length > movedPx && inside(from) ? [{ key: to.key, from, to: { x: to.cx, y: to.cy }, length }] : [];
  });
  const end = corners.at(-1)!;
  return {
    path: cornersPath(corners),
    label,
    place: { x: end.x, y: end.y },
    moves: moves
      .sort((a, b) => b.length - a.length || a.key.localeCompare(b.key))
      .slice(0, mostMoves)
      .map(({ key, from, to }) => ({ key, from, to })),
  };
}
