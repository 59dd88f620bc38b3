import {
  type DeviceFrontier,
  type FrontierPoint,
  type MetricId,
  type MetricRow,
  metrics,
  type ProtocolName,
} from '@hilltop/contracts';
import { useLayoutEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import { useTopic } from '../../app/lab-context.js';
import { useDialogs } from '../../dialogs/dialogs-context.js';
import { formatInterval } from '../../format/number.js';
import { Ago } from '../../ui/ago.js';
import { Button } from '../../ui/button.js';
import { CopyButton } from '../../ui/copy-button.js';
import { DownloadButton } from '../../ui/download-button.js';
import { VerdictMark } from '../../ui/state-mark.js';
import css from './chart.module.css';
import type { Mark } from './chart-model.js';
import { statusWords } from './describe.js';
import { StatusMark } from './marks.js';
import { artifactName, hasFile, measureLine, sizeText } from './point.js';
import { PointNote } from './point-note.js';
import { reasonOf } from './reason.js';

export interface HoverCardProps {
  readonly mark: Mark;
  readonly axes: readonly MetricId[];
  readonly all: readonly FrontierPoint[];
  /** Shares of the figure's width and height. */
  readonly place: { readonly left: number; readonly top: number };
  readonly isPinned: boolean;
  readonly onClose: () => void;
  /** Where it was measured. */
  readonly modelId: string;
  readonly modelName: string;
  readonly device: DeviceFrontier['device'];
  readonly protocol: ProtocolName | undefined;
  readonly isCompared: boolean;
  readonly onToggle: () => void;
  readonly isNoting: boolean;
  readonly onNote: (state: 'open' | 'closed') => void;
}

/** Metrics worth a line beside the two axes, where they were measured. */
const also: readonly MetricId[] = ['latency_p50_ms', 'accuracy', 'agreement', 'memory_peak_bytes'];

/** What a point is, how sure that is, and why it stands where it stands. Placed so that it stays inside the figure. */
export function HoverCard(props: HoverCardProps) {
  const { mark, axes, all, place, isPinned, modelId, isNoting, onNote } = props;
  const { run: runs, note: notes } = useTopic(`model/${modelId}`).entities;
  const card = useRef<HTMLDivElement>(null);
  const [offset, setOffset] = useState({ left: 0, top: 0 });
  const { point } = mark;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the form makes the card larger
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
  }, [place.left, place.top, isNoting]);
  const run = runs.get(point.runs[0] ?? '');
  const noted = [...notes.values()].filter((note) => note.subject.id === run?.id && !note.deletedAt).length;
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
        {props.protocol && `, ${props.protocol}`}
        {run?.endedAt && (
          <>
            , <Ago instant={run.endedAt} />
          </>
        )}
        {noted > 0 && `, ${noted} ${noted === 1 ? 'note' : 'notes'}`}
      </p>
      {point.unstable !== undefined && <p>Unstable: disturbed {point.unstable} times.</p>}
      {isPinned && (
        <div className={css.cardFoot}>
          <CardActions {...props} />
        </div>
      )}
      {isPinned && isNoting && <PointNote point={point} onDone={() => onNote('closed')} />}
    </div>
  );
}

/** What can be done with a pinned point. */
function CardActions({
  mark,
  modelId,
  modelName,
  device,
  protocol,
  isCompared,
  onToggle,
  onNote,
  onClose,
}: HoverCardProps) {
  const { open } = useDialogs();
  const { point } = mark;
  return (
    <>
      {point.runs[0] && <Link href={`/runs/${point.runs[0]}`}>Run</Link>}
      <Button size="small" aria-pressed={isCompared} title="Compare (Space)" onClick={onToggle}>
        {isCompared ? 'Compared' : 'Compare'}
      </Button>
      <Button
        size="small"
        title="Measure it again under strict"
        onClick={() =>
          open('new-job', {
            modelId,
            deviceId: device.id,
            variantId: point.variant,
            recipe: point.recipe,
            settings: point.settings,
            protocol: 'strict',
          })
        }
      >
        Re-measure
      </Button>
      <Button size="small" title="Note (n)" onClick={() => onNote('open')}>
        Note
      </Button>
      <CopyButton
        word="CLI"
        label="the CLI line that measures this point"
        text={measureLine(point, { model: modelName, device: device.name, protocol })}
      />
      {hasFile(point) && <DownloadButton artifact={point.artifact} fileName={artifactName(point)} />}
      <Button kind="quiet" size="small" onClick={onClose}>
        Close
      </Button>
    </>
  );
}
