import {
  type Constraint,
  type DeviceFrontier,
  type Goal,
  type MetricId,
  type MetricRow,
  metrics,
  recommend,
} from '@hilltop/contracts';
import { type FormEvent, useId, useState } from 'react';
import { useDialogs } from '../../dialogs/dialogs-context.js';
import { Button } from '../../ui/button.js';
import type { View } from '../../view/view.js';
import { pointKey } from './point.js';
import css from './ship-list.module.css';
import { shipText } from './ship-text.js';

export interface ShipListProps {
  readonly modelId: string;
  readonly frontiers: readonly DeviceFrontier[];
  readonly view: View;
  readonly change: (step: Partial<View>) => void;
  readonly constraints: readonly Constraint[];
  /** Metrics that are measured here. */
  readonly offered: readonly MetricId[];
}

const defaultWithin = 1;
const row = (metric: MetricId): MetricRow => metrics[metric];

/** Which of the view's metrics says how good a variant is. */
const qualityOf = (view: View): MetricId =>
  [view.y, view.x, view.z].find(
    (metric): metric is MetricId => metric !== undefined && row(metric).source === 'quality',
  ) ?? 'accuracy';

/** What to ship on each device, with its reason: the answer before the picture. */
export function ShipList({ modelId, frontiers, view, change, constraints, offered }: ShipListProps) {
  const id = useId();
  const { open } = useDialogs();
  const costs = offered.filter((metric) => row(metric).source !== 'quality');
  const prefer = view.prefer ?? (row(view.x).source === 'quality' ? (costs[0] ?? view.x) : view.x);
  const within = view.within ?? defaultWithin;
  const goal: Goal = { prefer, quality: qualityOf(view), within: within / 100, constraints };
  return (
    <section className={css.ship} aria-labelledby={id}>
      <div className={css.head}>
        <h3 id={id}>Ship</h3>
        <label>
          least{' '}
          <select
            value={prefer}
            onChange={(event) => change({ prefer: costs.find((metric) => metric === event.target.value) })}
          >
            {costs.map((metric) => (
              <option key={metric} value={metric}>
                {row(metric).label.toLowerCase()}
              </option>
            ))}
          </select>
        </label>
        <Within
          value={within}
          onChange={(points) => change({ within: points === defaultWithin ? undefined : points })}
        />
      </div>
      <ul>
        {frontiers.map(({ device, points }) => {
          const found = recommend(points, goal);
          const text = shipText(found, goal, points);
          const point = found.kind === 'none' ? undefined : found.point;
          return (
            <li key={device.id} data-testid={`ship-${device.name}`} data-tone={text.tone}>
              <span className={css.device}>{device.name}</span>
              {text.name && point && (
                <Button kind="quiet" size="small" onClick={() => change({ sel: pointKey(point), device: device.name })}>
                  {text.name}
                </Button>
              )}
              <span className={css.reason}>{text.reason}</span>
              {text.name && point && (
                <Button
                  kind="quiet"
                  size="small"
                  aria-label={`take home ${text.name}`}
                  onClick={() =>
                    open('take-home', { modelId, variantId: point.variant, reason: `${device.name}: ${text.reason}` })
                  }
                >
                  take home
                </Button>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** Points of quality that may be lost; taken over with Enter or on leaving the field. */
function Within({ value, onChange }: { readonly value: number; readonly onChange: (points: number) => void }) {
  const [text, setText] = useState<string>();
  const commit = (): void => {
    const points = Number(text);
    if (text !== undefined && text.trim() !== '' && points >= 0 && points <= 100) onChange(points);
    setText(undefined);
  };
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    commit();
  };
  return (
    <form onSubmit={onSubmit}>
      <label>
        within{' '}
        <input
          inputMode="decimal"
          size={4}
          value={text ?? String(value)}
          onChange={(event) => setText(event.target.value)}
          onBlur={commit}
        />{' '}
        points of fp32
      </label>
    </form>
  );
}
