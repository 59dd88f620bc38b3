import {
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
  type Ref,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { AxisView } from './axis-view.js';
import { binMarks } from './bin-marks.js';
import { brushed, type Rectangle, rectangleOf } from './brush.js';
import css from './chart.module.css';
import type { ChartModel, Mark } from './chart-model.js';
import type { Ghost } from './ghost.js';
import { Beyond, Bins, BrushView, Ground } from './layers.js';
import { ChartPoint } from './marks.js';
import { isNavigationKey, moveFocus, nearest } from './navigate.js';
import { type Peer, type PeerCursor, PeerCursors, PeerRings } from './others.js';
import { sizeFactor, type ThirdMetric } from './third-metric.js';

export interface FrontierChartProps {
  readonly model: ChartModel;
  /** Accessible name, e.g. `rpi4-a frontier`. */
  readonly title: string;
  readonly emulated: boolean;
  readonly pinned: string | undefined;
  readonly compared?: readonly string[];
  readonly onPin: (key: string | undefined) => void;
  readonly onToggle?: (key: string) => void;
  readonly onBrush?: (keys: readonly string[], inside: number) => void;
  /** Where the pointer is in the data; undefined: not in the plot. */
  readonly onPoint?: (place: { readonly x: number; readonly y: number } | undefined) => void;
  /** Whether the pinned point shows its card in this chart. */
  readonly isCardHere: boolean;
  /** What is told of a point, placed beside its mark. */
  readonly card?: (mark: Mark, place: { readonly left: number; readonly top: number }, isPinned: boolean) => ReactNode;
  readonly svgRef?: Ref<SVGSVGElement>;
  readonly peers?: readonly Peer[];
  readonly cursors?: readonly PeerCursor[];
  readonly ghost?: Ghost | undefined;
  readonly size?: ThirdMetric | undefined;
  readonly colour?: ThirdMetric | undefined;
}

/** A pointer this near to a mark means it. */
const reachPx = 24;
const nobody: readonly never[] = [];

/** The frontier as a picture: SVG, one tab stop, arrows along the frontier, Enter pins, Space compares. */
export function FrontierChart({
  model,
  title,
  emulated,
  pinned,
  compared = nobody,
  onPin,
  onToggle,
  onBrush,
  onPoint,
  isCardHere,
  card,
  svgRef,
  peers = nobody,
  cursors = nobody,
  ghost,
  size,
  colour,
}: FrontierChartProps) {
  const [hovered, setHovered] = useState<string>();
  const [focused, setFocused] = useState<string>();
  const [lastFocused, setLastFocused] = useState<string>();
  const [brush, setBrush] = useState<{ from: { x: number; y: number }; rectangle?: Rectangle | undefined }>();
  const figure = useRef<HTMLDivElement>(null);
  /** The mark that gets the focus once it is drawn: a binned one is not yet. */
  const wanted = useRef<string>(undefined);
  const wasDragged = useRef(false);
  const { plot, x, y, marks } = model;
  const byKey = useMemo(() => new Map(marks.map((mark) => [mark.key, mark])), [marks]);
  const find = (key: string | undefined): Mark | undefined => (key === undefined ? undefined : byKey.get(key));
  const tabStop = find(focused)?.key ?? find(lastFocused)?.key ?? moveFocus(marks, undefined, 'Home');
  const shown = find(hovered) ?? find(focused) ?? (isCardHere ? find(pinned) : undefined);
  const drawn = useMemo(() => {
    const keep = [pinned, tabStop, hovered, ...compared, ...peers.map((peer) => peer.key)];
    return binMarks(marks, new Set(keep.filter((key) => key !== undefined)));
  }, [marks, pinned, tabStop, hovered, compared, peers]);

  useLayoutEffect(() => {
    if (wanted.current === undefined) return;
    figure.current?.querySelector<SVGGElement>(`[data-key="${CSS.escape(wanted.current)}"]`)?.focus();
    wanted.current = undefined;
  });

  const placeOf = (event: { clientX: number; clientY: number; currentTarget: Element }): { x: number; y: number } => {
    const box = event.currentTarget.getBoundingClientRect();
    const scale = model.width / box.width;
    return { x: (event.clientX - box.left) * scale, y: (event.clientY - box.top) * scale };
  };
  const near = (place: { x: number; y: number }): Mark | undefined =>
    nearest(marks, { cx: place.x, cy: place.y }, reachPx);
  const onPointerMove = (event: PointerEvent<SVGSVGElement>): void => {
    if (event.pointerType === 'touch') return;
    const place = placeOf(event);
    if (brush) setBrush({ from: brush.from, rectangle: rectangleOf(brush.from, place) });
    else setHovered(near(place)?.key);
    const isInside = place.x >= plot.left && place.x <= plot.right && place.y >= plot.top && place.y <= plot.bottom;
    onPoint?.(isInside ? { x: x.scale.valueAt(place.x), y: y.scale.valueAt(place.y) } : undefined);
  };
  const onPointerDown = (event: PointerEvent<SVGSVGElement>): void => {
    wasDragged.current = false;
    if (!onBrush || event.pointerType === 'touch' || event.button !== 0) return;
    setBrush({ from: placeOf(event) });
  };
  const onPointerUp = (): void => {
    if (brush?.rectangle && onBrush) {
      wasDragged.current = true;
      const { keys, inside } = brushed(marks, brush.rectangle);
      if (keys.length > 0) onBrush(keys, inside);
    }
    setBrush(undefined);
  };
  const leave = (): void => {
    setHovered(undefined);
    setBrush(undefined);
    onPoint?.(undefined);
  };
  const onKeyDown = (event: KeyboardEvent<SVGSVGElement>): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Enter') {
      event.preventDefault();
      onPin(pinned === tabStop ? undefined : tabStop);
    } else if (event.key === ' ') {
      event.preventDefault();
      if (tabStop !== undefined) onToggle?.(tabStop);
    } else if (event.key === 'Escape' && (pinned || shown)) {
      setFocused(undefined);
      setHovered(undefined);
      onPin(undefined);
    } else if (isNavigationKey(event.key)) {
      event.preventDefault();
      const key = moveFocus(marks, tabStop, event.key);
      if (key === undefined) return;
      wanted.current = key;
      setFocused(key);
      setLastFocused(key);
      if (event.shiftKey && key !== tabStop) onBrush?.([...(tabStop === undefined ? [] : [tabStop]), key], 2);
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
        aria-label={`${title}: ${x.title} against ${y.title}. Arrow keys move along the frontier, with Shift they choose; Enter pins, Space compares, the table below has every value.`}
        onPointerMove={onPointerMove}
        onPointerDown={onPointerDown}
        onPointerUp={onPointerUp}
        onPointerLeave={leave}
        onClick={(event) => {
          if (wasDragged.current) return;
          const mark = near(placeOf(event));
          if (mark && (event.shiftKey || event.ctrlKey || event.metaKey)) onToggle?.(mark.key);
          else onPin(mark && mark.key !== pinned ? mark.key : undefined);
        }}
        onFocus={(event) => {
          const key = (event.target as Element).getAttribute('data-key') ?? undefined;
          setFocused(key);
          setLastFocused(key);
        }}
        onBlur={() => setFocused(undefined)}
        onKeyDown={onKeyDown}
      >
        <AxisView axis={x} side="x" plot={plot} model={model} />
        <AxisView axis={y} side="y" plot={plot} model={model} />
        <rect
          className={emulated ? css.emulated : css.frame}
          x={plot.left}
          y={plot.top}
          width={plot.right - plot.left}
          height={plot.bottom - plot.top}
        />
        <Ground plot={plot} limits={model.limits} band={model.band} stairs={model.stairs} ghost={ghost} />
        <Bins bins={drawn.bins} />
        {drawn.marks.map((mark) => (
          <ChartPoint
            key={mark.key}
            mark={mark}
            x={x.metric}
            y={y.metric}
            isTabStop={mark.key === tabStop}
            isPinned={mark.key === pinned}
            isCompared={compared.includes(mark.key)}
            isActive={mark.key === shown?.key}
            factor={factorOf(size, mark)}
            share={colour?.shareOf(mark.point)}
          />
        ))}
        <Beyond beyond={model.beyond} plot={plot} />
        <PeerRings peers={peers} find={find} />
        {brush?.rectangle && <BrushView rectangle={brush.rectangle} />}
        <PeerCursors cursors={cursors} />
      </svg>
      {shown && card?.(shown, { left: shown.cx / model.width, top: shown.cy / model.height }, shown.key === pinned)}
    </div>
  );
}

const factorOf = (size: ThirdMetric | undefined, mark: Mark): number => {
  const share = size?.shareOf(mark.point);
  return share === undefined ? 1 : sizeFactor(share);
};
