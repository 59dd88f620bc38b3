import {
  type BaselineFrontier,
  type Constraint,
  comparedMost,
  type DeviceFrontier,
  type ProtocolName,
} from '@hilltop/contracts';
import { useCallback, useDeferredValue, useMemo, useRef, useState } from 'react';
import { Link } from 'wouter';
import { formatInstant } from '../../format/time.js';
import { EmulatedBadge } from '../../ui/emulated-badge.js';
import { useWidth } from '../../ui/use-width.js';
import { selectPoint, selectPoints } from '../../view/select-point.js';
import type { View } from '../../view/view.js';
import { captionOf } from './caption.js';
import { FrontierChart } from './chart.js';
import type { Domains } from './chart-model.js';
import { ChartTools } from './chart-tools.js';
import css from './frontier-panel.module.css';
import { FrontierTable } from './frontier-table.js';
import { baselineOf, ghostOf } from './ghost.js';
import { HoverCard } from './hover-card.js';
import { cursorPanel } from './place-cursor.js';
import type { ThirdMetric } from './third-metric.js';
import { useChartModel } from './use-chart-model.js';
import { useOthers } from './use-others.js';

export interface DeviceChartProps {
  readonly frontier: DeviceFrontier;
  readonly view: View;
  readonly change: (step: Partial<View>) => void;
  readonly constraints: readonly Constraint[];
  readonly domains: Domains | undefined;
  readonly protocol: ProtocolName | undefined;
  readonly modelId: string;
  readonly modelName: string;
  readonly layout: 'large' | 'multiple';
  /** Whether there are other devices to go back to. */
  readonly canReturn: boolean;
  readonly base: BaselineFrontier | undefined;
  readonly size: ThirdMetric | undefined;
  readonly colour: ThirdMetric | undefined;
  /** Whether a pinned point shows its card here, and its note is being written. */
  readonly isCardHere: boolean;
  readonly onCard: () => void;
  readonly noting: string | undefined;
  readonly onNote: (key: string | undefined) => void;
  readonly isTableShown: boolean;
  readonly onTable: () => void;
}

const nobody: readonly string[] = [];

/** One device's frontier: heading, picture, caption and the table with every value. */
export function DeviceChart(props: DeviceChartProps) {
  const { frontier, view, change, constraints, domains, protocol, modelId, modelName, base, size, colour } = props;
  const [box, width] = useWidth<HTMLDivElement>();
  const [told, setTold] = useState<string>();
  const svg = useRef<SVGSVGElement>(null);
  const { device, points } = frontier;
  const isLarge = props.layout === 'large';
  const height = isLarge ? Math.round(Math.min(520, Math.max(320, width * 0.56))) : 270;
  const model = useChartModel({ frontier, view, constraints, domains, width, height });
  const inTable = useDeferredValue(model);
  const others = useOthers(cursorPanel(device.name, view.x, view.y), model);
  const { before, why } = baselineOf(base, frontier, protocol);
  const ghost = useMemo(
    () =>
      model && before && base
        ? // A small picture has no room for the time; the caption says it.
          ghostOf(model, before, width < 560 ? base.baseline.name : `${base.baseline.name}, ${formatInstant(base.at)}`)
        : undefined,
    [model, before, base, width],
  );
  const title = `${device.name} frontier`;
  const caption = captionOf({
    frontier,
    protocol,
    view,
    model,
    constraints: constraints.length,
    base: why ?? (ghost && base ? `dashed: ${base.baseline.name}, ${formatInstant(base.at)}` : undefined),
  });
  const compared = view.compare ?? nobody;
  const now = useRef({ view, change });
  now.current = { view, change };
  const onToggle = useCallback((key: string) => now.current.change(selectPoint(now.current.view, key, 'toggle')), []);
  const onBrush = (keys: readonly string[], inside: number): void => {
    const chosen = selectPoints(view, keys).compare ?? [];
    const taken = chosen.length - compared.length;
    setTold(
      taken < inside && chosen.length === comparedMost
        ? `${taken} of ${inside} taken: at most ${comparedMost} are compared.`
        : undefined,
    );
    change({ compare: chosen });
  };
  return (
    <figure aria-label={title} data-device={device.id}>
      <div className={css.head}>
        <h3>{isLarge ? title : <Link href={`/devices/${device.name}`}>{device.name}</Link>}</h3>
        {device.emulated && <EmulatedBadge />}
        <ChartTools {...props} title={title} caption={caption} isLarge={isLarge} svg={svg} />
      </div>
      <div ref={box} style={{ minHeight: height }}>
        {model && (
          <FrontierChart
            model={model}
            title={title}
            emulated={device.emulated}
            pinned={view.sel}
            compared={compared}
            onPin={(sel) => {
              props.onCard();
              props.onNote(undefined);
              change({ sel });
            }}
            onToggle={onToggle}
            onBrush={onBrush}
            {...(others.onPoint && { onPoint: others.onPoint })}
            isCardHere={props.isCardHere}
            svgRef={svg}
            peers={others.peers}
            cursors={others.cursors}
            ghost={ghost}
            size={size}
            colour={colour}
            card={(mark, place, isPinned) => (
              <HoverCard
                key={`${mark.key} ${isPinned}`}
                mark={mark}
                axes={[view.x, view.y, ...[view.z, size?.metric, colour?.metric].filter((m) => m !== undefined)]}
                all={points}
                place={place}
                isPinned={isPinned}
                onClose={() => change({ sel: undefined })}
                modelId={modelId}
                modelName={modelName}
                device={device}
                protocol={protocol}
                isCompared={compared.includes(mark.key)}
                onToggle={() => onToggle(mark.key)}
                isNoting={props.noting === mark.key}
                onNote={(state) => props.onNote(state === 'open' ? mark.key : undefined)}
              />
            )}
          />
        )}
        {!model && width > 0 && <p className={css.nothing}>No point has both metrics yet.</p>}
      </div>
      <figcaption className={css.caption}>{caption}</figcaption>
      {told && (
        <p className={css.caption} role="status">
          {told}
        </p>
      )}
      {inTable && (
        <div className={props.isTableShown ? css.tableShown : 'hidden'}>
          <FrontierTable
            model={inTable}
            more={[view.z, view.size, view.colour].filter((metric) => metric !== undefined)}
            title={title}
            isShown={props.isTableShown}
            compared={compared}
            onToggle={onToggle}
          />
        </div>
      )}
    </figure>
  );
}
