import { type PointerEvent, useState } from 'react';
import { Link } from 'wouter';
import { durationText } from '../../dialogs/reserve/reserve-forecast.js';
import { formatClock } from '../../format/time.js';
import css from './calendar.module.css';
import {
  bookedSeconds,
  type CalendarBlock,
  type CalendarRow,
  type CalendarSpan,
  percentOf,
  ticksOf,
} from './calendar-model.js';

export interface CalendarTrackProps {
  readonly row: CalendarRow;
  readonly span: CalendarSpan;
  readonly nowMs: number;
  readonly blocked: string | undefined;
  readonly onBook: (forSeconds: number) => void;
}

/** A pointer that moved less than this only clicked: a click books nothing. */
const dragPx = 6;

/** One device's time. */
export function CalendarTrack({ row: { device, blocks }, span, nowMs, blocked, onBook }: CalendarTrackProps) {
  const [drag, setDrag] = useState<{ readonly startX: number; readonly atMs: number; readonly isDrag: boolean }>();
  const timeAt = (event: PointerEvent<HTMLDivElement>): number => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    return span.fromMs + ((event.clientX - left) / width) * (span.toMs - span.fromMs);
  };
  const seconds = drag?.isDrag ? bookedSeconds(nowMs, drag.atMs) : undefined;
  return (
    <div className={css.row} data-testid={`calendar-${device.name}`}>
      <Link href={`/devices/${device.name}`} className={css.device}>
        {device.name}
      </Link>
      <div
        className={css.track}
        data-out={blocks.some(({ kind }) => kind === 'quarantine') || undefined}
        title={blocked}
        onPointerDown={(event) => {
          if (blocked !== undefined || event.button !== 0 || (event.target as Element).closest('a')) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          setDrag({ startX: event.clientX, atMs: timeAt(event), isDrag: false });
        }}
        onPointerMove={(event) => {
          if (drag)
            setDrag({
              ...drag,
              atMs: timeAt(event),
              isDrag: drag.isDrag || Math.abs(event.clientX - drag.startX) > dragPx,
            });
        }}
        onPointerCancel={() => setDrag(undefined)}
        onPointerUp={() => {
          setDrag(undefined);
          if (seconds !== undefined) onBook(seconds);
        }}
      >
        {ticksOf(span).map((at) => (
          <i key={at} className={css.tick} style={{ left: `${percentOf(span, at)}%` }} />
        ))}
        {blocks.map((block) => (
          <Block key={block.key} block={block} span={span} />
        ))}
        {seconds !== undefined && (
          <div className={css.drag} style={widthOf(span, nowMs, nowMs + seconds * 1000)}>
            {durationText(seconds)}
          </div>
        )}
        <i className={css.nowLine} style={{ left: `${percentOf(span, nowMs)}%` }} />
      </div>
    </div>
  );
}

const widthOf = (span: CalendarSpan, fromMs: number, toMs: number) => ({
  left: `${percentOf(span, fromMs)}%`,
  width: `${percentOf(span, toMs) - percentOf(span, fromMs)}%`,
});

const kindWords = {
  lease: 'lease of',
  past: 'had it:',
  queue: 'in the queue, earliest:',
  schedule: 'next start of',
  quarantine: '',
} as const satisfies Record<CalendarBlock['kind'], string>;

function Block({ block, span }: { readonly block: CalendarBlock; readonly span: CalendarSpan }) {
  const { kind, text, fromMs, toMs, isOpen, isMine, href } = block;
  const title =
    `${kindWords[kind]} ${text}, ${formatClock(fromMs)} to ${isOpen ? 'an unknown or later time' : formatClock(toMs)}`.trim();
  const props = {
    ...{ className: css.block, style: widthOf(span, fromMs, toMs), title },
    ...{ 'data-kind': kind, 'data-mine': isMine || undefined, 'data-open': isOpen || undefined },
  };
  const shown = (
    <>
      <span aria-hidden>
        {kind === 'queue' ? `${text}, earliest ${formatClock(fromMs)}` : `${kind === 'quarantine' ? '× ' : ''}${text}`}
      </span>
      <span className="hidden">{title}</span>
    </>
  );
  return href ? (
    <Link href={href} {...props}>
      {shown}
    </Link>
  ) : (
    <div {...props}>{shown}</div>
  );
}
