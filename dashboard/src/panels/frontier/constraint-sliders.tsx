import {
  constraintFactors,
  type FrontierPoint,
  formatMetric,
  type MetricId,
  type MetricRow,
  meets,
  metrics,
} from '@hilltop/contracts';
import { Plus, X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { Button } from '../../ui/button.js';
import {
  type ConstraintRow,
  constraintRows,
  nearestMisses,
  sliderSteps,
  stepOf,
  valueAt,
  withConstraint,
  withoutRow,
  withValue,
} from './constraint-rows.js';
import css from './constraints.module.css';

export interface ConstraintSlidersProps {
  readonly where: string;
  /** `moving`: more of it is coming, the address can wait. */
  readonly onChange: (where: string, when: 'moving' | 'now') => void;
  /** All points of the screen. */
  readonly points: readonly FrontierPoint[];
  /** Metrics that were measured here. */
  readonly offered: readonly MetricId[];
}

const signs = { '<': '<', '<=': '≤', '>': '>', '>=': '≥' } as const;
const row = (metric: MetricId): MetricRow => metrics[metric];

/** Each constraint as a slider, a number and a unit, all of them the same text; how much fits, and what would help when nothing does. */
export function ConstraintSliders({ where, onChange, points, offered }: ConstraintSlidersProps) {
  const rows = constraintRows(where, points);
  const fit = points.filter((p) => rows.every(({ constraint }) => meets(constraint, p.metrics)));
  const misses = fit.length === 0 ? nearestMisses(points, rows) : [];
  const free = offered.filter((metric) => !rows.some(({ constraint }) => constraint.metric === metric));
  return (
    <section className={css.constraints} aria-label="Constraints">
      {rows.map((each) => (
        <Row key={`${each.index} ${each.constraint.metric}`} row={each} where={where} onChange={onChange} />
      ))}
      <div className={css.foot}>
        <label className={css.add}>
          <Plus size={14} aria-hidden />
          <span className="hidden">Add a constraint on</span>
          <select
            value=""
            onChange={(event) => {
              const metric = free.find((each) => each === event.target.value);
              if (metric) onChange(withConstraint(where, metric, points), 'now');
            }}
          >
            <option value="">add a constraint</option>
            {free.map((metric) => (
              <option key={metric} value={metric}>
                {row(metric).label}
              </option>
            ))}
          </select>
        </label>
        {rows.length > 0 && (
          <output className={css.count} data-testid="fit-count">
            {fit.length} of {points.length} fit, {fit.filter((p) => p.status !== 'dominated').length} on the frontier
          </output>
        )}
      </div>
      {rows.length > 0 && fit.length === 0 && (
        <div className={css.misses} role="status">
          Nothing fits.
          {misses.map(({ row: own, value, fits }) => (
            <Button key={own.index} size="small" onClick={() => onChange(withValue(where, own, value), 'now')}>
              Relax {own.label.toLowerCase()} to {textOf(own, value)}: {fits} {fits === 1 ? 'fits' : 'fit'}
            </Button>
          ))}
          {misses.length === 0 && points.length > 0 && ' More than one of them would have to give.'}
        </div>
      )}
    </section>
  );
}

/** `71 MB`, in the unit of its row. */
const textOf = ({ unit, constraint }: ConstraintRow, value: number): string =>
  unit === ''
    ? formatMetric(constraint.metric, value)
    : `${Number((value / (constraintFactors[unit] ?? 1)).toPrecision(3))} ${unit}`;

interface RowProps {
  readonly row: ConstraintRow;
  readonly where: string;
  readonly onChange: ConstraintSlidersProps['onChange'];
}

function Row({ row: own, where, onChange }: RowProps) {
  const { constraint, label, unit, units, shown } = own;
  const [text, setText] = useState<string>();
  const commit = (): void => {
    const number = Number(text);
    if (text !== undefined && text.trim() !== '' && Number.isFinite(number) && number >= 0)
      onChange(withValue(where, own, number * (constraintFactors[unit] ?? 1)), 'now');
    setText(undefined);
  };
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    commit();
  };
  const name = label.toLowerCase();
  return (
    <form className={css.row} onSubmit={onSubmit} data-metric={constraint.metric}>
      <span className={css.name}>
        {label} {signs[constraint.op]}
      </span>
      <input
        type="range"
        className={css.slider}
        aria-label={`Limit of ${name}`}
        aria-valuetext={`${shown} ${unit}`.trim()}
        min={0}
        max={sliderSteps}
        value={stepOf(own)}
        onChange={(event) => onChange(withValue(where, own, valueAt(own, Number(event.target.value))), 'moving')}
      />
      <input
        className={css.number}
        aria-label={`Limit of ${name}${unit ? `, ${unit}` : ''}`}
        inputMode="decimal"
        value={text ?? shown}
        onChange={(event) => setText(event.target.value)}
        onBlur={commit}
      />
      {units.length > 1 ? (
        <select
          className={css.unit}
          aria-label={`Unit of ${name}`}
          value={unit}
          onChange={(event) => onChange(withValue(where, own, constraint.value, event.target.value), 'now')}
        >
          {units.map((each) => (
            <option key={each} value={each}>
              {each === '' ? 'share' : each}
            </option>
          ))}
        </select>
      ) : (
        <span className={css.unit}>{row(constraint.metric).unit}</span>
      )}
      <Button
        kind="quiet"
        size="small"
        icon={<X size={14} aria-hidden />}
        aria-label={`Remove the limit of ${name}`}
        onClick={() => onChange(withoutRow(where, own), 'now')}
      />
    </form>
  );
}
