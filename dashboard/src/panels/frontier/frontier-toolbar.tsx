import { type Baseline, type MetricId, type MetricRow, metrics, ProtocolName } from '@hilltop/contracts';
import { type FormEvent, useEffect, useState } from 'react';
import { Field } from '../../ui/field.js';
import css from './frontier-panel.module.css';
import { offeredMetrics } from './select-frontiers.js';
import type { Frontiers } from './use-frontiers.js';

export interface FrontierToolbarProps {
  readonly frontiers: Frontiers;
  /** The constraints as they stand, also while a slider moves. */
  readonly where: string;
  readonly onWhere: (where: string) => void;
  /** Parts of `where` that cannot be read. */
  readonly errors: readonly string[];
  readonly baselines: readonly Baseline[];
}

const labelOf = (metric: MetricId): string => (metrics[metric] as MetricRow).label;
const thirds = ['size', 'colour', 'z'] as const;
type Third = (typeof thirds)[number];
const thirdWords: Record<Third, string> = { size: 'as size', colour: 'as colour', z: 'as objective' };

/** Axes, third metric, protocol, baseline and constraints: all of it stands in the address. */
export function FrontierToolbar({ frontiers, where, onWhere, errors, baselines }: FrontierToolbarProps) {
  const { view, change, all, shown, protocol, protocols } = frontiers;
  const third = thirds.find((name) => view[name] !== undefined);
  const offered = offeredMetrics(all, [view.x, view.y, third && view[third]]);
  const pick = (value: string): MetricId | undefined => offered.find((metric) => metric === value);
  const [as, setAs] = useState<Third>('size');
  const role = third ?? as;
  const setThird = (metric: MetricId | undefined, how: Third): void =>
    change({ size: undefined, colour: undefined, z: undefined, [how]: metric });
  const options = (without: readonly (MetricId | undefined)[]) =>
    offered
      .filter((metric) => !without.includes(metric))
      .map((metric) => (
        <option key={metric} value={metric}>
          {labelOf(metric)}
        </option>
      ));
  return (
    <div className={css.toolbar}>
      <AxisField
        label="Across (x)"
        metric={view.x}
        scale={view.xscale}
        onMetric={(value) => change({ x: pick(value) ?? view.x, xscale: undefined })}
        onScale={(xscale) => change({ xscale })}
        options={options([view.y, view.z])}
      />
      <AxisField
        label="Up (y)"
        metric={view.y}
        scale={view.yscale}
        onMetric={(value) => change({ y: pick(value) ?? view.y, yscale: undefined })}
        onScale={(yscale) => change({ yscale })}
        options={options([view.x, view.z])}
      />
      <Field label="Third metric">
        {(control) => (
          <span className={css.pair}>
            <select
              {...control}
              value={third ? view[third] : ''}
              onChange={(event) => setThird(pick(event.target.value), role)}
            >
              <option value="">none</option>
              {options([view.x, view.y])}
            </select>
            <select
              className={control.className}
              aria-label="How the third metric is shown"
              value={role}
              onChange={(event) => {
                const how = thirds.find((name) => name === event.target.value) ?? 'size';
                setAs(how);
                if (third) setThird(view[third], how);
              }}
            >
              {thirds.map((name) => (
                <option key={name} value={name}>
                  {thirdWords[name]}
                </option>
              ))}
            </select>
          </span>
        )}
      </Field>
      {protocols.length > 1 && (
        <Field label="Protocol">
          {(control) => (
            <select
              {...control}
              value={protocol}
              onChange={(event) => change({ protocol: ProtocolName.safeParse(event.target.value).data })}
            >
              {protocols.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          )}
        </Field>
      )}
      {(baselines.length > 0 || view.base !== undefined) && (
        <Field label="Baseline">
          {(control) => (
            <select
              {...control}
              value={view.base ?? ''}
              onChange={(event) => change({ base: event.target.value || undefined })}
            >
              <option value="">none</option>
              {[...new Set([...baselines.map(({ name }) => name), ...(view.base ? [view.base] : [])])].map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          )}
        </Field>
      )}
      {shown.length > 1 && (
        <Field label="Axes">
          {(control) => (
            <select
              {...control}
              value={view.axes ?? 'shared'}
              onChange={(event) => change({ axes: event.target.value === 'free' ? 'free' : undefined })}
            >
              <option value="shared">the same for all</option>
              <option value="free">free</option>
            </select>
          )}
        </Field>
      )}
      <div className={css.where}>
        <WhereField where={where} error={errors[0]} onChange={onWhere} />
      </div>
    </div>
  );
}

interface AxisFieldProps {
  readonly label: string;
  readonly metric: MetricId;
  readonly scale: 'log' | 'linear' | undefined;
  readonly onMetric: (metric: string) => void;
  readonly onScale: (scale: 'log' | 'linear' | undefined) => void;
  readonly options: React.ReactNode;
}

function AxisField({ label, metric, scale, onMetric, onScale, options }: AxisFieldProps) {
  return (
    <Field label={label}>
      {(control) => (
        <span className={css.pair}>
          <select {...control} value={metric} onChange={(event) => onMetric(event.target.value)}>
            {options}
          </select>
          <select
            className={control.className}
            aria-label={`Scale of ${label}`}
            value={scale ?? 'auto'}
            onChange={(event) =>
              onScale(event.target.value === 'log' || event.target.value === 'linear' ? event.target.value : undefined)
            }
          >
            <option value="auto">auto</option>
            <option value="log">log</option>
            <option value="linear">linear</option>
          </select>
        </span>
      )}
    </Field>
  );
}

interface WhereFieldProps {
  readonly where: string;
  readonly error: string | undefined;
  readonly onChange: (where: string) => void;
}

/** Constraints as the CLI writes them; taken over with Enter or on leaving the field. */
function WhereField({ where, error, onChange }: WhereFieldProps) {
  const [text, setText] = useState(where);
  useEffect(() => setText(where), [where]);
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    onChange(text);
  };
  return (
    <form onSubmit={onSubmit}>
      <Field label="Where" error={error} hint="Greys what does not qualify. Enter applies.">
        {(control) => (
          <input
            {...control}
            value={text}
            spellCheck={false}
            placeholder="accuracy>=0.8, size_bytes<1MB"
            onChange={(event) => setText(event.target.value)}
            onBlur={() => text !== where && onChange(text)}
          />
        )}
      </Field>
    </form>
  );
}
