import { type Comparison, pointLabel } from '@hilltop/contracts';
import { useQueries } from '@tanstack/react-query';
import { useState } from 'react';
import { useLab } from '../../app/lab-context.js';
import { formatMetric } from '../../format/number.js';
import { Skeleton } from '../../ui/empty.js';
import { ErrorNotice } from '../../ui/notice.js';
import { storedTrace } from '../trace/stored-trace.js';
import css from './compare.module.css';
import { letterOf } from './letter.js';
import { overlay } from './overlay.js';

/** More lines than this cannot be told apart. */
const mostTraces = 4;
const [width, height] = [720, 220];

/** The stored latencies of the compared runs over each other; fetched when they are asked for. */
export function Traces({ points }: { readonly points: Comparison['points'] }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Latency of the runs, over each other</summary>
      {isOpen && <Overlay points={points.slice(0, mostTraces)} />}
    </details>
  );
}

function Overlay({ points }: { readonly points: Comparison['points'] }) {
  const { api } = useLab();
  const asked = useQueries({
    queries: points.map(({ runs }) => ({
      queryKey: ['observations', runs[0]],
      queryFn: () => api.observations(runs[0]!),
      staleTime: Number.POSITIVE_INFINITY,
    })),
  });
  const failed = asked.find(({ isError }) => isError);
  if (failed) return <ErrorNotice error={failed.error} onRetry={() => void failed.refetch()} />;
  if (asked.some(({ data }) => !data)) return <Skeleton rows={5} />;
  const picture = overlay(
    asked.map(({ data }) => storedTrace(data!.columns, width / 2).columns()),
    { width, height },
  );
  if (!picture) return <p className="caption">These runs have no single latencies: their device counts whole loops.</p>;
  const names = points.map((point, i) => `${letterOf(i)} ${pointLabel(point)}`);
  return (
    <figure>
      <svg
        className={css.curves}
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`Latency over measured time of ${names.join(' and ')}`}
      >
        <rect className={css.frame} x={picture.left} y={4} width={width - picture.left - 4} height={height - 28} />
        <text x={picture.left - 6} y={14} textAnchor="end">
          {formatMetric('latency_p50_ms', picture.high)}
        </text>
        <text x={picture.left - 6} y={height - 26} textAnchor="end">
          {formatMetric('latency_p50_ms', picture.low)}
        </text>
        <text x={picture.left} y={height - 6}>
          0 s
        </text>
        <text x={width - 4} y={height - 6} textAnchor="end">
          {picture.seconds.toFixed(1)} s of measured time
        </text>
        {picture.paths.map((path, i) => (
          <path key={names[i]} className={css.curve} data-series={i} d={path} />
        ))}
      </svg>
      <figcaption className={css.tools}>
        {names.map((name, i) => (
          <span key={name} className={css.word}>
            <svg width="24" height="8" aria-hidden="true">
              <path className={css.curve} data-series={i} d="M0 4H24" />
            </svg>
            {name}
          </span>
        ))}
        <span className="caption">median of each bucket; logarithmic; gaps: between the blocks</span>
      </figcaption>
    </figure>
  );
}
