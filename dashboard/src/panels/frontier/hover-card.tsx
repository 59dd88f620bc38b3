import { type FrontierPoint, type MetricId, type MetricRow, metrics } from '@hilltop/contracts';
import { useLayoutEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import { formatInterval } from '../../format/number.js';
import { Button } from '../../ui/button.js';
import { DownloadButton } from '../../ui/download-button.js';
import { VerdictMark } from '../../ui/state-mark.js';
import css from './chart.module.css';
import type { Mark } from './chart-model.js';
import { statusWords } from './describe.js';
import { StatusMark } from './marks.js';
import { artifactName, hasFile, sizeText } from './point.js';
import { reasonOf } from './reason.js';

export interface HoverCardProps {
  readonly mark: Mark;
  readonly axes: readonly MetricId[];
  readonly all: readonly FrontierPoint[];
  /** Shares of the figure's width and height. */
  readonly place: { readonly left: number; readonly top: number };
  readonly isPinned: boolean;
  readonly onClose: () => void;
}

/** Metrics worth a line beside the two axes, where they were measured. */
const also: readonly MetricId[] = ['latency_p50_ms', 'accuracy', 'agreement', 'memory_peak_bytes'];

/** What a point is, how sure that is, and why it stands where it stands. Placed so that it stays inside the figure. */
export function HoverCard({ mark, axes, all, place, isPinned, onClose }: HoverCardProps) {
  const card = useRef<HTMLDivElement>(null);
  const [offset, setOffset] = useState({ left: 0, top: 0 });
  const { point } = mark;
  useLayoutEffect(() => {
    const box = card.current?.getBoundingClientRect();
    const figure = card.current?.parentElement?.getBoundingClientRect();
    if (!box || !figure) return;
    const x = place.left * figure.width;
    const y = place.top * figure.height;
    const left = x + 18 + box.width > figure.width ? x - 18 - box.width : x + 18;
    setOffset({
      left: Math.max(0, Math.min(left, figure.width - box.width)),
      top: Math.max(0, Math.min(y + 14, figure.height - box.height)),
    });
  }, [place.left, place.top]);
  const rows = [...axes, ...also.filter((m) => !axes.includes(m))];
  return (
    <div ref={card} className={css.card} data-pinned={isPinned || undefined} style={offset}>
      <div className={css.cardHead}>
        <StatusMark status={mark.status} />
        {mark.label}
      </div>
      <dl>
        {rows.map((metric) => {
          const value = point.metrics[metric];
          return value ? (
            <div key={metric} style={{ display: 'contents' }}>
              <dt>{(metrics[metric] as MetricRow).label}</dt>
              <dd>{formatInterval(metric, value)}</dd>
            </div>
          ) : null;
        })}
        <dt>Size of the artifact</dt>
        <dd>{sizeText(point)}</dd>
      </dl>
      <p>
        <strong>{statusWords[mark.status]}</strong>. {reasonOf(point, all, axes)}
      </p>
      {!mark.feasible && <p>Does not meet the constraints.</p>}
      <p>
        <VerdictMark verdict={point.verdict} /> run
        {!point.metrics.arena_bytes &&
          `, ${point.settings.threads} ${point.settings.threads === 1 ? 'thread' : 'threads'}`}
      </p>
      {point.unstable !== undefined && <p>Unstable: disturbed {point.unstable} times.</p>}
      {isPinned && (
        <div className={css.cardFoot}>
          {point.runs[0] && <Link href={`/runs/${point.runs[0]}`}>Run</Link>}
          {hasFile(point) && <DownloadButton artifact={point.artifact} fileName={artifactName(point)} />}
          <Button kind="quiet" size="small" onClick={onClose}>
            Close
          </Button>
        </div>
      )}
    </div>
  );
}
