import {
  type Constraint,
  constraintFactors,
  constraintPattern,
  type FrontierPoint,
  type MetricId,
  type MetricRow,
  meets,
  metrics,
  parseConstraint,
  scaleKind,
  unitFor,
} from '@hilltop/contracts';

/** One readable part of a `where` text, as a slider, a number and a unit show it. */
export interface ConstraintRow {
  /** Which part of the text it is. */
  readonly index: number;
  readonly constraint: Constraint;
  readonly label: string;
  readonly unit: string;
  readonly units: readonly string[];
  /** The value in that unit. */
  readonly shown: string;
  /** Ends of the slider, in the metric's own unit. */
  readonly range: readonly [number, number];
  readonly kind: 'log' | 'linear';
}

/** A slider has so many steps. */
export const sliderSteps = 200;

const row = (metric: MetricId): MetricRow => metrics[metric];
const partsOf = (where: string): string[] => where.split(',').filter((part) => part.trim() !== '');
const units = (metric: MetricId): readonly string[] => {
  switch (row(metric).unit) {
    case 'bytes':
      return ['B', 'kB', 'MB', 'GB', 'KiB', 'MiB', 'GiB'];
    case 'ms':
      return ['ms', 's'];
    default:
      return row(metric).source === 'quality' && row(metric).unit === '' ? ['', '%'] : [''];
  }
};

/** `0.0710` as `0.071`: no more than three digits that say something. */
const short = (value: number): string => String(Number(value.toPrecision(3)));

const textOf = (metric: MetricId, op: Constraint['op'], value: number, unit: string): string =>
  `${metric}${op}${short(value / (constraintFactors[unit] ?? 1))}${unit}`;

/** The rows of a `where` text; what cannot be read has none. */
export function constraintRows(where: string, points: readonly FrontierPoint[]): ConstraintRow[] {
  return partsOf(where).flatMap((part, index): ConstraintRow[] => {
    const match = constraintPattern.exec(part.trim());
    let constraint: Constraint;
    try {
      constraint = parseConstraint(part);
    } catch {
      return []; // the text field says what is wrong
    }
    const { metric, value } = constraint;
    const offered = units(metric);
    const unit = match?.[4] ?? (offered.includes('') ? '' : unitFor(metric, value).symbol);
    const values = points.flatMap((p) => p.metrics[metric]?.value ?? []);
    const kind = scaleKind(metric, values, undefined);
    return [
      {
        index,
        constraint,
        label: row(metric).label,
        unit: offered.includes(unit) ? unit : offered[0]!,
        units: offered,
        shown: String(
          Number((value / (constraintFactors[offered.includes(unit) ? unit : offered[0]!] ?? 1)).toPrecision(6)),
        ),
        range: rangeOf(values, value),
        kind,
      },
    ];
  });
}

/** From just below the least to just above the most that was measured, so that nothing and everything can fit. */
function rangeOf(values: readonly number[], value: number): [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (values.length === 0) return [value * 0.5, value * 1.5 || 1];
  const room = (high - low) * 0.03 || Math.abs(high) * 0.05 || 1;
  return [low > 0 ? Math.max(low - room, low * 0.9) : low - room, high + room];
}

/** Step of the slider for a value, held in its range. */
export function stepOf({ range: [low, high], kind, constraint: { value } }: ConstraintRow): number {
  const map = kind === 'log' ? Math.log : (v: number) => v;
  const share = (map(Math.max(value, low)) - map(low)) / (map(high) - map(low));
  return Math.round(Math.min(1, Math.max(0, share)) * sliderSteps);
}

/** The value at a step, in three digits. */
export function valueAt({ range: [low, high], kind }: Pick<ConstraintRow, 'range' | 'kind'>, step: number): number {
  const share = step / sliderSteps;
  return Number((kind === 'log' ? low * (high / low) ** share : low + (high - low) * share).toPrecision(3));
}

const replaced = (where: string, index: number, part: string | undefined): string =>
  partsOf(where)
    .flatMap((each, i) => (i === index ? (part ?? []) : each.trim()))
    .join(',');

/** The text with another value in the metric's own unit; the row's unit stays unless another is named. */
export function withValue(where: string, { index, constraint, unit }: ConstraintRow, value: number, as = unit): string {
  return replaced(where, index, textOf(constraint.metric, constraint.op, value, as));
}

export const withoutRow = (where: string, { index }: ConstraintRow): string => replaced(where, index, undefined);

/** The text with one more constraint, at which everything measured still fits. */
export function withConstraint(where: string, metric: MetricId, points: readonly FrontierPoint[]): string {
  const values = points.flatMap((p) => p.metrics[metric]?.value ?? []);
  const most = row(metric).direction === 'max';
  const edge = values.length === 0 ? 1 : most ? Math.min(...values) : Math.max(...values);
  const symbol = unitFor(metric, edge).symbol;
  const offered = units(metric);
  const unit = offered.includes(symbol) ? symbol : offered[0]!;
  const value = outward(edge, most ? 'down' : 'up', constraintFactors[unit] ?? 1);
  return [...partsOf(where).map((part) => part.trim()), textOf(metric, most ? '>=' : '<=', value, unit)].join(',');
}

/** Three digits in a unit, rounded to the side on which the value still fits. */
function outward(value: number, side: 'up' | 'down', factor: number): number {
  const shown = value / factor;
  if (shown === 0) return 0;
  const power = 10 ** (Math.floor(Math.log10(Math.abs(shown))) - 2);
  const steps = shown / power;
  const whole = side === 'up' ? Math.ceil(steps - 1e-9) : Math.floor(steps + 1e-9);
  return Number((whole * power).toPrecision(3)) * factor;
}

/** What one constraint would have to be for something to fit. */
export interface Miss {
  readonly row: ConstraintRow;
  /** In the metric's own unit. */
  readonly value: number;
  readonly fits: number;
}

/** When nothing fits: for each constraint the nearest value at which, the others unchanged, something does. */
export function nearestMisses(points: readonly FrontierPoint[], rows: readonly ConstraintRow[]): Miss[] {
  if (points.some((p) => rows.every((r) => meets(r.constraint, p.metrics)))) return [];
  return rows.flatMap((own): Miss[] => {
    const { constraint, unit } = own;
    const others = points.filter((p) => rows.every((r) => r === own || meets(r.constraint, p.metrics)));
    const values = others.flatMap((p) => p.metrics[constraint.metric]?.value ?? []);
    if (values.length === 0) return [];
    const isUpper = constraint.op.startsWith('<');
    const factor = constraintFactors[unit] ?? 1;
    let value = outward(isUpper ? Math.min(...values) : Math.max(...values), isUpper ? 'up' : 'down', factor);
    const fitsAt = (v: number): number => others.filter((p) => meets({ ...constraint, value: v }, p.metrics)).length;
    // `<` and `>` exclude the value itself.
    if (fitsAt(value) === 0)
      value = outward(value * (isUpper === value > 0 ? 1.0001 : 0.9999), isUpper ? 'up' : 'down', factor);
    return fitsAt(value) === 0 ? [] : [{ row: own, value, fits: fitsAt(value) }];
  });
}
