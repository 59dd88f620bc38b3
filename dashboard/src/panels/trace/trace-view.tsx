import { useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { type KeyRow, useKeys } from '../../app/keys.js';
import { useConnection, useLab } from '../../app/lab-context.js';
import { formatMetric } from '../../format/number.js';
import type { TraceSource } from '../../live/trace-buffer.js';
import { Button } from '../../ui/button.js';
import { useWidth } from '../../ui/use-width.js';
import css from './trace.module.css';
import { highestOutside, type Level, type Shade, type TraceQuantity, traceOptions } from './trace-options.js';

const heightPx = 220;
const noKeys: readonly KeyRow[] = [];

export interface TraceViewProps {
  readonly source: TraceSource;
  readonly title: string;
  /** What the time axis counts from, and what a bucket is. */
  readonly timeLabel: string;
  readonly note: string;
  readonly isLive: boolean;
  readonly quantity: TraceQuantity;
  readonly shades?: readonly Shade[];
  readonly level?: Level | undefined;
}

/** The trace as uPlot draws it: the middle as a line, min to max as a band, gaps as gaps. React does not see the data. */
export function TraceView({ source, title, timeLabel, note, isLive, quantity, shades, level }: TraceViewProps) {
  const { traces } = useLab();
  const [box, width] = useWidth<HTMLDivElement>();
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const [last, setLast] = useState('');
  const [highest, setHighest] = useState('');
  const isReady = width > 0;
  const [isPaused, setPaused] = useState(false);
  const paused = useRef(false);
  const redraw = useRef<() => void>(undefined);
  const away = useConnection().status !== 'live';
  const pause = (): void => {
    paused.current = !isPaused;
    setPaused(!isPaused);
    redraw.current?.();
  };
  useKeys('Live trace', isLive ? [{ keys: 'p', does: 'pause the live drawing, and go on', run: pause }] : noKeys);

  useEffect(() => {
    if (!host.current || !isReady) return;
    const made = new uPlot(
      traceOptions(host.current, {
        width: host.current.clientWidth,
        height: heightPx,
        timeLabel,
        quantity,
        ...(shades && { shades }),
        ...(level && { level }),
      }),
      [[], [], [], []],
      host.current,
    );
    plot.current = made;
    let drawn = -1;
    const draw = (): void => {
      // What comes meanwhile is kept by the source and drawn when it goes on.
      if (source.version === drawn || (paused.current && drawn >= 0)) return;
      drawn = source.version;
      const { t, low, mid, high } = source.columns();
      made.setData([t, low, mid, high] as uPlot.AlignedData);
    };
    draw();
    redraw.current = draw;
    const unsubscribe = traces.latest.subscribe(draw);
    // Colours are read from the page when drawing, so a switched theme needs a new drawing.
    const themes = new MutationObserver(() => made.redraw(false));
    themes.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const recolour = (): void => made.redraw(false);
    scheme.addEventListener('change', recolour);
    return () => {
      unsubscribe();
      themes.disconnect();
      scheme.removeEventListener('change', recolour);
      made.destroy();
      plot.current = undefined;
    };
  }, [source, traces, isReady, timeLabel, quantity, shades, level]);

  useEffect(() => {
    if (plot.current && width > 0) plot.current.setSize({ width, height: heightPx });
  }, [width]);

  // Numbers in words once a second: more often nobody can read them.
  useEffect(() => {
    const say = (): void => {
      const { t, low, mid: medians, high } = source.columns();
      const mid = medians.findLast((value) => value !== null);
      const outside = highestOutside([t, low, medians, high], quantity);
      setHighest(outside === undefined ? '' : formatMetric(quantity.metric, outside));
      setLast(mid === undefined || mid === null ? '' : formatMetric(quantity.metric, mid));
    };
    say();
    const timer = setInterval(say, 1000);
    return () => clearInterval(timer);
  }, [source, quantity]);

  return (
    <div>
      <p className={css.head}>
        <span>{title}</span>
        <span className="muted">
          {note}
          {highest && `, up to ${highest} (outside)`}
          {isLive && last && `; now ${last}`}
        </span>
        {isLive && (
          <Button size="small" kind="quiet" aria-pressed={isPaused} onClick={pause}>
            {isPaused ? 'Go on (p)' : 'Pause (p)'}
          </Button>
        )}
      </p>
      <div ref={box} className={css.box} data-stale={(isLive && away) || undefined}>
        <div
          ref={host}
          role="img"
          aria-label={`${quantity.label.charAt(0).toUpperCase()}${quantity.label.slice(1)} of ${title} over time${isLive && last ? `, now ${last}` : ''}`}
        />
      </div>
    </div>
  );
}
