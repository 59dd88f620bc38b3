import {
  type ChartMark,
  type ChartModel,
  chartModel,
  type DeviceFrontier,
  domainsOf,
  frontierOf,
  type MetricId,
  type PlanePoint,
  parseConstraint,
  type ReportFrontier,
} from '@hilltop/contracts';
import { type Markup, markup } from './markup.js';

const size = { width: 920, height: 460 };

/** The picture of a device's frontier, as the dashboard draws it; undefined when no point has both metrics. `ship`: key of the point to take. */
export function frontierSvg(
  { frontier, before, objectives, constraints }: ReportFrontier,
  { id, title, ship }: { readonly id: string; readonly title: string; readonly ship: string | undefined },
): Markup | undefined {
  const [x, y] = objectives.map(({ metric }) => metric) as [MetricId, MetricId];
  const domains = domainsOf([frontier.points, before?.points ?? []], x, y);
  const input = {
    x,
    y,
    ...size,
    domains,
    constraints: constraints.map(parseConstraint),
    energy: frontier.energy,
    stairs: objectives.length === 2 ? ('draw' as const) : ('omit' as const),
  };
  const model = chartModel({ ...input, points: frontier.points });
  if (!model) return undefined;
  const earlier = before && chartModel({ ...input, constraints: [], points: before.points });
  const shipped = model.marks.find((mark) => ship !== undefined && mark.key === ship);
  return markup`<svg class="chart" viewBox="0 0 ${model.width} ${model.height}" role="img" aria-labelledby="${id}-title ${id}-desc">
<title id="${id}-title">${title}</title>
<desc id="${id}-desc">${describe(model, frontier)}</desc>
<defs><pattern id="${id}-hatch" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="hatch" x1="0" x2="0" y1="0" y2="8"/></pattern>
<clipPath id="${id}-plot"><rect x="${model.plot.left}" y="${model.plot.top - 8}" width="${model.plot.right - model.plot.left}" height="${model.plot.bottom - model.plot.top + 8}"/></clipPath></defs>
${axes(model)}
${limits(model, id)}
<g clip-path="url(#${id}-plot)">
${input.stairs === 'draw' && markup`<path class="band" d="${bandPath(model)}"/>`}
${earlier && earlier.stairs !== '' && markup`<path class="ghost" d="${earlier.stairs}"/>`}
<path class="stairs" d="${model.stairs}"/>
</g>
${model.marks.map(markSvg)}
${shipped && shipSvg(shipped, model)}
</svg>`;
}

function describe(model: ChartModel, { device, points }: DeviceFrontier): string {
  const on = points.filter(({ status }) => status === 'on').length;
  return `${model.x.title} against ${model.y.title} on ${device.name}: ${points.length} points, ${on} surely on the frontier. The table below the picture has every value.`;
}

/** Grid, ticks and titles; the arrow points where it is better. */
function axes({ plot, x, y, height }: ChartModel): Markup {
  const title = ({ direction, title }: ChartModel['x']): string =>
    direction === 'min' ? `← better\u2003${title}` : `${title}\u2003better →`;
  const middle = { x: (plot.left + plot.right) / 2, y: (plot.top + plot.bottom) / 2 };
  return markup`<g aria-hidden="true">${x.ticks.map(
    ({ at, label }) =>
      markup`<line class="grid" x1="${at.toFixed(1)}" x2="${at.toFixed(1)}" y1="${plot.top}" y2="${plot.bottom}"/><text class="tick" x="${at.toFixed(1)}" y="${plot.bottom + 18}" text-anchor="middle">${label}</text>`,
  )}${y.ticks.map(
    ({ at, label }) =>
      markup`<line class="grid" x1="${plot.left}" x2="${plot.right}" y1="${at.toFixed(1)}" y2="${at.toFixed(1)}"/><text class="tick" x="${plot.left - 9}" y="${at.toFixed(1)}" dy="0.34em" text-anchor="end">${label}</text>`,
  )}<text class="axis" x="${middle.x}" y="${height - 8}" text-anchor="middle">${title(x)}</text><text class="axis" transform="translate(13 ${middle.y}) rotate(-90)" text-anchor="middle">${title(y)}</text></g>`;
}

function limits({ limits, plot }: ChartModel, id: string): Markup[] {
  return limits.map(({ label, axis, at, excluded }) => {
    const side = axis === 'y' ? plot.left : plot.top;
    const line =
      axis === 'y'
        ? markup`<line class="limit" x1="${side}" x2="${plot.right}" y1="${at}" y2="${at}"/><text class="limit-name" x="${plot.right - 4}" y="${at < plot.top + 20 ? at + 16 : at - 8}" text-anchor="end">${label}</text>`
        : markup`<line class="limit" x1="${at}" x2="${at}" y1="${side}" y2="${plot.bottom}"/><text class="limit-name" x="${at > plot.right - 140 ? at - 6 : at + 6}" y="${plot.top + 12}" text-anchor="${at > plot.right - 140 ? 'end' : 'start'}">${label}</text>`;
    return markup`<rect x="${excluded.x}" y="${excluded.y}" width="${excluded.width}" height="${excluded.height}" fill="url(#${id}-hatch)" opacity="0.55"/>${line}`;
  });
}

const diamond = (x: number, y: number, r: number): string =>
  `M${x} ${y - r}L${x + r} ${y}L${x} ${y + r}L${x - r} ${y}Z`;

/** Shape first, colour second. The intervals of what is dominated would only hide the rest. */
function markSvg({ cx, cy, status, feasible, disturbed, xBar, yBar, label, name }: ChartMark): Markup {
  const [x, y] = [Number(cx.toFixed(1)), Number(cy.toFixed(1))];
  const shape =
    status === 'uncertain'
      ? markup`<path class="mark" d="${diamond(x, y, 6.5)}"/>`
      : markup`<circle class="mark" cx="${x}" cy="${y}" r="${status === 'on' ? 5.5 : 3}"/>`;
  const bars = status !== 'dominated';
  return markup`<g class="${status}${feasible ? '' : ' infeasible'}">${
    bars &&
    xBar &&
    markup`<line class="bar" x1="${xBar[0].toFixed(1)}" x2="${xBar[1].toFixed(1)}" y1="${y}" y2="${y}"/>`
  }${
    bars &&
    yBar &&
    markup`<line class="bar" x1="${x}" x2="${x}" y1="${yBar[0].toFixed(1)}" y2="${yBar[1].toFixed(1)}"/>`
  }${shape}${disturbed && markup`<path class="triangle" d="M${x + 9} ${y - 12}l3.8 6.8h-7.6z"/>`}${
    name &&
    markup`<text class="name" x="${name.x.toFixed(1)}" y="${name.y.toFixed(1)}" dy="0.34em" text-anchor="${name.anchor}">${label}</text>`
  }<title>${label}: ${status}</title></g>`;
}

/** The point to take: a ring, and a flag where there is no name to cover. */
function shipSvg({ cx, cy }: ChartMark, { plot }: ChartModel): Markup {
  const [width, height] = [88, 22];
  const left = Math.min(Math.max(cx + 14, plot.left), plot.right - width);
  const top = cy + 40 > plot.bottom ? cy - 42 : cy + 20;
  return markup`<circle class="ring" cx="${cx.toFixed(1)}" cy="${cy.toFixed(1)}" r="10"/><g class="flag"><rect x="${left.toFixed(1)}" y="${top.toFixed(1)}" width="${width}" height="${height}" rx="4"/><text x="${(left + width / 2).toFixed(1)}" y="${(top + height / 2).toFixed(1)}" dy="0.34em" text-anchor="middle">★ ship this</text></g>`;
}

/** Between the frontier at its best and at its worst: the ends of all intervals of what may be on it. */
function bandPath({ marks, plot, x, y }: ChartModel): string {
  const rivals = marks.filter(({ status }) => status !== 'dominated');
  const [xDirection, yDirection] = [x.direction, y.direction === 'max' ? 'min' : 'max'] as const;
  const worst = {
    x: xDirection === 'min' ? plot.right : plot.left,
    y: yDirection === 'min' ? plot.bottom : plot.top,
  };
  const end = (bar: readonly [number, number] | undefined, at: number, pick: 'min' | 'max'): number =>
    bar ? Math[pick](...bar) : at;
  const opposite = { min: 'max', max: 'min' } as const;
  const edge = (side: 'best' | 'worst'): PlanePoint[] => {
    const [px, py] =
      side === 'best' ? ([xDirection, yDirection] as const) : ([opposite[xDirection], opposite[yDirection]] as const);
    const points = rivals.map(({ cx, cy, xBar, yBar }) => ({ x: end(xBar, cx, px), y: end(yBar, cy, py) }));
    return corners(frontierOf(points, xDirection, yDirection), worst);
  };
  const outline = [...edge('best'), ...edge('worst').reverse()];
  return outline.length === 0
    ? ''
    : `M${outline.map((point) => `${point.x.toFixed(1)} ${point.y.toFixed(1)}`).join('L')}Z`;
}

/** The corners that `stairsPath` goes through. */
function corners(front: readonly PlanePoint[], worst: PlanePoint): PlanePoint[] {
  const first = front[0];
  const last = front.at(-1);
  if (!first || !last) return [];
  return [
    { x: first.x, y: worst.y },
    first,
    ...front.slice(1).flatMap((point, i) => [{ x: point.x, y: front[i]!.y }, point]),
    { x: worst.x, y: last.y },
  ];
}
