import {
  type Constraint,
  comparedMost,
  type MetricId,
  type MetricRow,
  metricIds,
  metrics,
  ProtocolName,
  parseConstraint,
} from '@hilltop/contracts';

/**
 * What a frontier screen shows, wholly in its address, in the CLI's flag syntax:
 * `?x=latency_p50_ms&y=accuracy&where=memory_peak_bytes<64MB,accuracy>=0.8&device=…&sel=…`
 */
export interface View {
  readonly x: MetricId;
  readonly y: MetricId;
  readonly z?: MetricId;
  /** A further metric as the size or the colour of the marks; it decides no status. */
  readonly size?: MetricId;
  readonly colour?: MetricId;
  /** How an axis is divided; absent: by the metric and what was measured. */
  readonly xscale?: 'log' | 'linear';
  readonly yscale?: 'log' | 'linear';
  /** `free`: each small multiple has its own axes; absent: one for all. */
  readonly axes?: 'free';
  /** Constraints as they were written, comma separated; also one that cannot be read. */
  readonly where: string;
  readonly protocol?: ProtocolName;
  /** Id or name of the one device (or model) looked at. */
  readonly device?: string;
  readonly model?: string;
  /** Key of the pinned point. */
  readonly sel?: string;
  /** Keys of the points that are compared; with the pinned one, in the order of choosing. */
  readonly compare?: readonly string[];
  /** Name of the baseline drawn behind the frontier. */
  readonly base?: string;
  /** What is to be least of what is shipped; absent: the x axis. */
  readonly prefer?: MetricId;
  /** How many points of quality that may cost; absent: one. */
  readonly within?: number;
  /** What the cells of the matrix show; absent: the x axis. */
  readonly metric?: MetricId;
  /** Device (by name) whose column sorts the matrix; absent: by name of the variant. */
  readonly sort?: string;
  /** Id or recipe of the variant whose lineage is shown. */
  readonly variant?: string;
}

export { comparedMost };

export const defaultView: View = { x: 'latency_p50_ms', y: 'accuracy', where: '' };

/** Metrics that may be an axis. */
export const axisMetrics: readonly MetricId[] = metricIds.filter(
  (id) => (metrics[id] as MetricRow).direction !== 'none',
);
const scaleOf = (text: string | null): 'log' | 'linear' | undefined =>
  text === 'log' || text === 'linear' ? text : undefined;
const axisOf = (text: string | null): MetricId | undefined => axisMetrics.find((id) => id === text);

/** Reads an address; what it does not understand falls back to the default, never to an error page. */
export function decodeView(search: string, fallback: View = defaultView): View {
  const query = new URLSearchParams(search);
  const z = axisOf(query.get('z'));
  const [size, colour] = [axisOf(query.get('size')), axisOf(query.get('colour'))];
  const [xscale, yscale] = [scaleOf(query.get('xscale')), scaleOf(query.get('yscale'))];
  const protocol = ProtocolName.safeParse(query.get('protocol')).data;
  const text = (key: string): string | undefined => query.get(key) || undefined;
  const device = text('device');
  const model = text('model');
  const sel = text('sel');
  const compare = [...new Set(query.getAll('compare').filter((key) => key !== ''))].slice(0, comparedMost);
  const base = text('base');
  const prefer = axisOf(query.get('prefer'));
  const within = pointsOf(query.get('within'));
  const metric = axisOf(query.get('metric'));
  const sort = text('sort');
  const variant = text('variant');
  return {
    x: axisOf(query.get('x')) ?? fallback.x,
    y: axisOf(query.get('y')) ?? fallback.y,
    where: query.getAll('where').join(','),
    ...(z && { z }),
    ...(size && { size }),
    ...(colour && { colour }),
    ...(xscale && { xscale }),
    ...(yscale && { yscale }),
    ...(query.get('axes') === 'free' && { axes: 'free' }),
    ...(protocol && { protocol }),
    ...(device && { device }),
    ...(model && { model }),
    ...(sel && { sel }),
    ...(compare.length > 0 && { compare }),
    ...(base && { base }),
    ...(prefer && { prefer }),
    ...(within !== undefined && { within }),
    ...(metric && { metric }),
    ...(sort && { sort }),
    ...(variant && { variant }),
  };
}

/** Points of quality: 0 to 100. */
function pointsOf(text: string | null): number | undefined {
  const value = Number(text);
  return text !== null && text.trim() !== '' && value >= 0 && value <= 100 ? value : undefined;
}

/** The address of a view, without the defaults; `<`, `>` and `,` stay readable. Empty string for the default view. */
export function encodeView(view: View, fallback: View = defaultView): string {
  const pairs: [string, string | undefined][] = [
    ['x', view.x === fallback.x ? undefined : view.x],
    ['y', view.y === fallback.y ? undefined : view.y],
    ['z', view.z],
    ['size', view.size],
    ['colour', view.colour],
    ['xscale', view.xscale],
    ['yscale', view.yscale],
    ['axes', view.axes],
    ['where', view.where],
    ['protocol', view.protocol],
    ['model', view.model],
    ['device', view.device],
    ['prefer', view.prefer],
    ['within', view.within === undefined ? undefined : String(view.within)],
    ['base', view.base],
    ['metric', view.metric],
    ['sort', view.sort],
    ['variant', view.variant],
    ['sel', view.sel],
    ...(view.compare ?? []).map((key): [string, string] => ['compare', key]),
  ];
  const given = pairs.filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== '');
  if (given.length === 0) return '';
  return `?${given.map(([key, value]) => `${key}=${readable(value)}`).join('&')}`;
}

const readable = (value: string): string =>
  encodeURIComponent(value)
    .replace(/%(3C|3E|3D|2C|3A|7C)/g, (escaped) => decodeURIComponent(escaped))
    .replace(/%20/g, '+');

export interface Where {
  readonly constraints: readonly Constraint[];
  /** Parts that cannot be read, with what is expected. */
  readonly errors: readonly string[];
}

/** The constraints of a `where` text. */
export function parseWhere(text: string): Where {
  const constraints: Constraint[] = [];
  const errors: string[] = [];
  for (const part of text.split(',').filter((p) => p.trim() !== '')) {
    try {
      constraints.push(parseConstraint(part));
    } catch (error) {
      errors.push((error as Error).message);
    }
  }
  return { constraints, errors };
}

/** The CLI line that prints what a view shows. */
export function cliOf(view: View, model: string, device: string | undefined): string {
  const quote = (text: string): string => (/^[\w.+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
  return [
    'hilltop frontier',
    `-m ${quote(model)}`,
    ...(device === undefined ? [] : [`-d ${quote(device)}`]),
    ...(view.x === defaultView.x ? [] : [`-x ${view.x}`]),
    ...(view.y === defaultView.y ? [] : [`-y ${view.y}`]),
    ...(view.z ? [`-z ${view.z}`] : []),
    ...view.where
      .split(',')
      .filter((p) => p.trim() !== '')
      .map((part) => `--where ${quote(part.trim())}`),
    ...(view.protocol ? [`--protocol ${view.protocol}`] : []),
  ].join(' ');
}
