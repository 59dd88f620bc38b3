import { useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useLab } from '../../app/lab-context.js';
import { formatMetric } from '../../format/number.js';
import type { TraceSource } from '../../live/trace-buffer.js';
import { useWidth } from '../../ui/use-width.js';
import css from './trace.module.css';
import { longestOutside, traceOptions } from './trace-options.js';

const heightPx = 220;

export interface TraceViewProps {
  readonly source: TraceSource;
  readonly title: string;
  /** What the time axis counts from, and what a bucket is. */
  readonly timeLabel: string;
  readonly note: string;
  readonly isLive: boolean;
}

/** The trace as uPlot draws it: median as a line, min to max as a band, gaps as gaps. React does not see the data. */
export function TraceView({ source, title, timeLabel, note, isLive }: TraceViewProps) {
  const { traces } = useLab();
  const [box, width] = useWidth<HTMLDivElement>();
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const [last, setLast] = useState('');
  const [longest, setLongest] = useState('');
  const isReady = width > 0;

  useEffect(() => {
    if (!host.current || !isReady) return;
    const made = new uPlot(
      traceOptions(host.current, { width: host.current.clientWidth, height: heightPx, timeLabel }),
      [[], [], [], []],
      host.current,
    );
    plot.current = made;
    let drawn = -1;
    const draw = (): void => {
      if (source.version === drawn) return;
      drawn = source.version;
      const { t, low, mid, high } = source.columns();
      made.setData([t, low, mid, high] as uPlot.AlignedData);
    };
    draw();
    const unsubscribe = traces.latest.subscribe(draw);
    // Colours are read from the page when drawing, so a switched theme needs a new drawing.
    const themes = new MutationObserver(() => made.redraw(false));
    themes.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const redraw = (): void => made.redraw(false);
    scheme.addEventListener('change', redraw);
    return () => {
      unsubscribe();
      themes.disconnect();
      scheme.removeEventListener('change', redraw);
      made.destroy();
      plot.current = undefined;
    };
  }, [source, traces, isReady, timeLabel]);

  useEffect(() => {
    if (plot.current && width > 0) plot.current.setSize({ width, height: heightPx });
  }, [width]);

  // Numbers in words once a second: more often nobody can read them.
  useEffect(() => {
    const say = (): void => {
      const { t, low, mid: medians, high } = source.columns();
      const mid = medians.findLast((value) => value !== null);
      const outside = longestOutside([t, low, medians, high]);
      setLongest(outside === undefined ? '' : formatMetric('latency_p50_ms', outside));
      setLast(mid === undefined || mid === null ? '' : formatMetric('latency_p50_ms', mid));
    };
    say();
    const timer = setInterval(say, 1000);
    return () => clearInterval(timer);
  }, [source]);

  return (
    <div>
      <p className={css.head}>
        <span>{title}</span>
        <span className="muted">
          {note}
          {longest && `, up to ${longest} (outside)`}
          {isLive && last && `; now ${last}`}
        </span>
      </p>
      <div ref={box} className={css.box}>
        <div
          ref={host}
          role="img"
          aria-label={`Latency of ${title} over time${isLive && last ? `, now ${last}` : ''}`}
        />
      </div>
    </div>
  );
}
