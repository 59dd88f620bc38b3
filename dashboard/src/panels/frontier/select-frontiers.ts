import {
  type DeviceFrontier,
  type FrontierEntity,
  type MetricId,
  type Objective,
  type ProtocolName,
  protocolNames,
  type Run,
} from '@hilltop/contracts';
import { axisMetrics, defaultView, type View } from '../../view/view.js';

/** The protocols that have a frontier, in the order of their rigour. */
export function protocolsOf(entities: readonly FrontierEntity[]): ProtocolName[] {
  return protocolNames.filter((name) => entities.some((entity) => entity.protocol === name));
}

/** The one shown when the address does not say: the newest run's, as the CLI does. */
export function protocolFor(
  view: View,
  entities: readonly FrontierEntity[],
  runs: readonly Run[],
  preferred?: ProtocolName,
): ProtocolName | undefined {
  if (view.protocol) return view.protocol;
  const offered = protocolsOf(entities);
  if (preferred && offered.includes(preferred)) return preferred;
  const newest = runs
    .filter((run) => offered.includes(run.protocol.name))
    .sort((a, b) => b.queuedAt.localeCompare(a.queuedAt))[0];
  return newest?.protocol.name ?? offered[0];
}

/** The default axes of a model: what its live frontiers are made for. */
export function fallbackView(entities: readonly FrontierEntity[]): View {
  const [x, y] = entities[0]?.objectives ?? [];
  return { ...defaultView, ...(x && { x: x.metric }), ...(y && { y: y.metric }) };
}

/** Whether the live entities answer the view, or the lab must be asked. */
export function isLive(view: View, objectives: readonly Objective[] | undefined): boolean {
  return (
    view.z === undefined &&
    objectives?.length === 2 &&
    objectives[0]!.metric === view.x &&
    objectives[1]!.metric === view.y
  );
}

/** Real devices first, then by name; of one device when asked. */
export function orderFrontiers(frontiers: readonly DeviceFrontier[], device: string | undefined): DeviceFrontier[] {
  return frontiers
    .filter((f) => device === undefined || f.device.id === device || f.device.name === device)
    .sort(
      (a, b) =>
        Number(a.device.emulated) - Number(b.device.emulated) ||
        a.device.name.localeCompare(b.device.name, undefined, { numeric: true }),
    );
}

/** Metrics that at least one point has, and the chosen ones. */
export function offeredMetrics(
  frontiers: readonly DeviceFrontier[],
  chosen: readonly (MetricId | undefined)[],
): MetricId[] {
  return axisMetrics.filter(
    (metric) => chosen.includes(metric) || frontiers.some((f) => f.points.some((p) => p.metrics[metric])),
  );
}

/** `2 disturbed, 1 no-metric` over several frontiers; undefined when nothing was left out. */
export function excludedText(frontiers: readonly DeviceFrontier[]): string | undefined {
  const counts = new Map<string, number>();
  for (const frontier of frontiers)
    for (const [reason, n] of Object.entries(frontier.excluded)) counts.set(reason, (counts.get(reason) ?? 0) + n);
  const parts = [...counts].filter(([, n]) => n > 0).map(([reason, n]) => `${n} ${reason.replaceAll('-', ' ')}`);
  return parts.length > 0 ? parts.join(', ') : undefined;
}
