import { type MetricId, type MetricRow, metrics, ProtocolName } from '@hilltop/contracts';
import { type FormEvent, useEffect, useState } from 'react';
import { Field } from '../../ui/field.js';
import css from './frontier-panel.module.css';
import { offeredMetrics } from './select-frontiers.js';
import type { Frontiers } from './use-frontiers.js';

export interface FrontierToolbarProps {
  readonly frontiers: Frontiers;
  /** Parts of `where` that cannot be read. */
  readonly errors: readonly string[];
  readonly modelName: string;
}

const labelOf = (metric: MetricId): string => (metrics[metric] as MetricRow).label;

/** Axes, protocol and constraints: all of it stands in the address. */
export function FrontierToolbar({ frontiers, errors }: FrontierToolbarProps) {
  const { view, change, all, protocol, protocols } = frontiers;
  const offered = offeredMetrics(all, [view.x, view.y, view.z]);
  const pick = (value: string): MetricId | undefined => offered.find((metric) => metric === value);
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
      <Field label="Across (x)">
        {(control) => (
          <select {...control} value={view.x} onChange={(event) => change({ x: pick(event.target.value) ?? view.x })}>
            {options([view.y, view.z])}
          </select>
        )}
      </Field>
      <Field label="Up (y)">
        {(control) => (
          <select {...control} value={view.y} onChange={(event) => change({ y: pick(event.target.value) ?? view.y })}>
            {options([view.x, view.z])}
          </select>
        )}
      </Field>
      <Field label="Third objective">
        {(control) => (
          <select {...control} value={view.z ?? ''} onChange={(event) => change({ z: pick(event.target.value) })}>
            <option value="">none</option>
            {options([view.x, view.y])}
          </select>
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
      <div className={css.where}>
        <WhereField where={view.where} error={errors[0]} onChange={(where) => change({ where })} />
      </div>
    </div>
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
