import { type KeyboardEvent, type PointerEvent, type Ref, useId, useRef, useState } from 'react';
import css from './chart.module.css';
import type { Axis, ChartModel, Mark } from './chart-model.js';
import { HoverCard } from './hover-card.js';
import { ChartPoint } from './marks.js';
import { isNavigationKey, moveFocus, nearest } from './navigate.js';

export interface FrontierChartProps {
  readonly model: ChartModel;
  /** Accessible name, e.g. `rpi4-a frontier`. */
  readonly title: string;
  readonly emulated: boolean;
  readonly pinned: string | undefined;
  readonly onPin: (key: string | undefined) => void;
  /** The only chart of its screen: a pinned point always shows its card. */
  readonly isAlone: boolean;
  readonly svgRef?: Ref<SVGSVGElement>;
  /** Points that others have selected here. */
  readonly peers: readonly Peer[];
}

export interface Peer {
  readonly connection: string;
  readonly key: string;
  readonly name: string;
  readonly colour: number;
}

/** A pointer this near to a mark means it. */
const reachPx = 24;

/** The frontier as a picture: SVG, one tab stop, arrows along the frontier, Enter pins. */
export function FrontierChart({ model, title, emulated, pinned, onPin, isAlone, svgRef, peers }: FrontierChartProps) {
  const [hovered, setHovered] = useState<string>();
  const [focused, setFocused] = useState<string>();
  const [pinnedHere, setPinnedHere] = useState<string>();
  const figure = useRef<HTMLDivElement>(null);
  const hatch = useId();
  const { plot, x, y, marks } = model;
  const find = (key: string | undefined): Mark | undefined => marks.find((m) => m.key === key);
  const tabStop = find(focused)?.key ?? moveFocus(marks, undefined, 'Home');
  // The ring is in every chart that has the point; the card only where it was asked for.
  const asked = find(hovered) ?? find(focused);
  const shown = asked ?? (isAlone || pinnedHere === pinned ? find(pinned) : undefined);
  const pin = (key: string | undefined): void => {
    setPinnedHere(key);
    onPin(key);
  };

  const near = (event: PointerEvent<SVGSVGElement>): Mark | undefined => {
    const box = event.currentTarget.getBoundingClientRect();
    const scale = model.width / box.width;
    return nearest(marks, { cx: (event.clientX - box.left) * scale, cy: (event.clientY - box.top) * scale }, reachPx);
  };
  const onKeyDown = (event: KeyboardEvent<SVGSVGElement>): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      pin(pinned === tabStop ? undefined : tabStop);
    } else if (event.key === 'Escape' && (pinned || shown)) {
      setFocused(undefined);
      setHovered(undefined);
      pin(undefined);
    } else if (isNavigationKey(event.key)) {
      event.preventDefault();
      const key = moveFocus(marks, tabStop, event.key);
      figure.current?.querySelector<SVGGElement>(`[data-key="${CSS.escape(key ?? '')}"]`)?.focus();
    }
  };

  return (
    <div className={css.figure} ref={figure}>
      {/* biome-ignore lint/a11y/useSemanticElements: SVG has no fieldset; the group names what the arrows move in */}
      <svg
        ref={svgRef}
        className={css.chart}
        viewBox={`0 0 ${model.width} ${model.height}`}
        role="group"
        aria-label={`${title}: ${x.title} against ${y.title}. Arrow keys move along the frontier, Enter pins, the table below has every value.`}
        onPointerMove={(event) => event.pointerType !== 'touch' && setHovered(near(event)?.key)}
        onPointerLeave={() => setHovered(undefined)}
        onClick={(event) => {
          const mark = near(event as unknown as PointerEvent<SVGSVGElement>);
          pin(mark && mark.key !== pinned ? mark.key : undefined);
        }}
        onFocus={(event) => setFocused((event.target as Element).getAttribute('data-key') ?? undefined)}
        onBlur={() => setFocused(undefined)}
        onKeyDown={onKeyDown}
      >
        <defs>
          <pattern id={hatch} width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <line className={css.hatch} x1="0" x2="0" y1="0" y2="8" />
          </pattern>
        </defs>
        <AxisView axis={x} side="x" plot={plot} model={model} />
        <AxisView axis={y} side="y" plot={plot} model={model} />
        <rect
          className={emulated ? css.emulated : css.frame}
          x={plot.left}
          y={plot.top}
          width={plot.right - plot.left}
          height={plot.bottom - plot.top}
        />
        {model.limits.map((limit) => (
          <g key={limit.label}>
            <rect {...limit.excluded} fill={`url(#${hatch})`} opacity={0.55} />
            {limit.axis === 'y' ? (
              <line className={css.limit} x1={plot.left} x2={plot.right} y1={limit.at} y2={limit.at} />
            ) : (
              <line className={css.limit} x1={limit.at} x2={limit.at} y1={plot.top} y2={plot.bottom} />
            )}
            {limit.axis === 'y' ? (
              <text
                className={css.limitLabel}
                x={plot.right - 4}
                y={limit.at < plot.top + 20 ? limit.at + 16 : limit.at - 8}
                textAnchor="end"
              >
                {limit.label}
              </text>
            ) : (
              <text
                className={css.limitLabel}
                x={limit.at > plot.right - 120 ? limit.at - 6 : limit.at + 6}
                y={plot.top + 12}
                textAnchor={limit.at > plot.right - 120 ? 'end' : 'start'}
              >
                {limit.label}
              </text>
            )}
          </g>
        ))}
        <path className={css.stairs} d={model.stairs} />
        {marks.map((mark) => (
          <ChartPoint
            key={mark.key}
            mark={mark}
            x={x.metric}
            y={y.metric}
            isTabStop={mark.key === tabStop}
            isPinned={mark.key === pinned}
            isActive={mark.key === shown?.key}
          />
        ))}
        {peers.map((peer) => {
          const mark = find(peer.key);
          return (
            mark && (
              <g key={peer.connection} className={css.peer} data-colour={peer.colour} data-testid={`peer-${peer.name}`}>
                <circle cx={mark.cx} cy={mark.cy} r={11} />
                <text x={mark.cx + 13} y={mark.cy - 10}>
                  {peer.name}
                </text>
              </g>
            )
          );
        })}
      </svg>
      {shown && (
        <HoverCard
          key={`${shown.key} ${shown.key === pinned}`}
          mark={shown}
          axes={[x.metric, y.metric]}
          all={marks.map((m) => m.point)}
          place={{ left: shown.cx / model.width, top: shown.cy / model.height }}
          isPinned={shown.key === pinned}
          onClose={() => pin(undefined)}
        />
      )}
    </div>
  );
}

interface AxisViewProps {
  readonly axis: Axis;
  readonly side: 'x' | 'y';
  readonly plot: ChartModel['plot'];
  readonly model: ChartModel;
}

function AxisView({ axis, side, plot, model }: AxisViewProps) {
  // The arrow points where it is better; the axis itself is never turned round.
  const title = axis.direction === 'min' ? `← better\u2003${axis.title}` : `${axis.title}\u2003better →`;
  const middle = { x: (plot.left + plot.right) / 2, y: (plot.top + plot.bottom) / 2 };
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in an axis can be focused
    <g aria-hidden="true">
      {axis.ticks.map((tick) =>
        side === 'x' ? (
          <g key={tick.label}>
            <line className={css.grid} x1={tick.at} x2={tick.at} y1={plot.top} y2={plot.bottom} />
            <text className={css.tick} x={tick.at} y={plot.bottom + 17} textAnchor="middle">
              {tick.label}
            </text>
          </g>
        ) : (
          <g key={tick.label}>
            <line className={css.grid} x1={plot.left} x2={plot.right} y1={tick.at} y2={tick.at} />
            <text className={css.tick} x={plot.left - 8} y={tick.at} textAnchor="end" dominantBaseline="central">
              {tick.label}
            </text>
          </g>
        ),
      )}
      {side === 'x' ? (
        <text className={css.axis} x={middle.x} y={model.height - 8} textAnchor="middle">
          {title}
        </text>
      ) : (
        <text className={css.axis} transform={`translate(13 ${middle.y}) rotate(-90)`} textAnchor="middle">
          {title}
        </text>
      )}
    </g>
  );
}
