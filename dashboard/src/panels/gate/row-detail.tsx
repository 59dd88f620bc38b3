import { formatMetric, type GateRow, type Note } from '@hilltop/contracts';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Link } from 'wouter';
import { useBlocked, useLab } from '../../app/lab-context.js';
import { Ago } from '../../ui/ago.js';
import { Button } from '../../ui/button.js';
import { ErrorNotice } from '../../ui/notice.js';
import type { Decision } from './decide-dialog.js';
import css from './gate.module.css';
import type { RowView } from './gate-rows.js';

export interface RowDetailProps {
  readonly gateId: string;
  readonly view: RowView;
  readonly notes: readonly Note[];
  readonly onDecide: (decision: Decision) => void;
}

/** The current row: numbers, links, what people said and what can be done. */
export function RowDetail({ gateId, view, notes, onDecide }: RowDetailProps) {
  const { row, isAccepted } = view;
  const { decision } = row;
  const blocked = useBlocked('operator');
  const isOpen = decision === undefined || decision.state === 'reopened';
  return (
    <div className={css.detail}>
      <p className={css.tools}>
        {!isAccepted && (
          <>
            <Button size="small" kind="primary" blocked={blocked} onClick={() => onDecide('accepted')}>
              Accept
            </Button>
            {decision?.state !== 'noise' && (
              <Button size="small" blocked={blocked} onClick={() => onDecide('noise')}>
                Noise: measure again
              </Button>
            )}
            {isOpen && (
              <Button size="small" blocked={blocked} onClick={() => onDecide('taken')}>
                Take it
              </Button>
            )}
          </>
        )}
        {!isOpen && (
          <Button size="small" blocked={blocked} onClick={() => onDecide('reopened')}>
            Reopen
          </Button>
        )}
      </p>
      <p>
        {formatMetric(row.metric, row.baseline)} before, {formatMetric(row.metric, row.value)} now, from{' '}
        {row.runs.before} and {row.runs.now} runs ({row.test}
        {row.p !== undefined && `, p ${row.p.toPrecision(2)}`}
        {row.q !== undefined && `, q ${row.q.toPrecision(2)}`}).
        {row.control && ` The control meanwhile: × ${row.control.ratio.toFixed(3)}.`}
        {row.note && ` ${row.note}.`}
      </p>
      {decision && <DecisionLine decision={decision} />}
      <p className={css.links}>
        <Link href={`/models/${row.modelId}`}>{row.modelName}</Link>
        <Link href={`/devices/${row.deviceId}`}>{row.deviceName}</Link>
        {row.runIds.now.at(-1) && <Link href={`/runs/${row.runIds.now.at(-1)}`}>newest run</Link>}
        {row.runIds.before.at(-1) && <Link href={`/runs/${row.runIds.before.at(-1)}`}>run of the baseline</Link>}
      </p>
      {notes.length > 0 && (
        <ul className={css.notes}>
          {notes.map((note) => (
            <li key={note.id}>
              <strong>{note.author.name}</strong> {note.deletedAt === undefined ? note.text : 'deleted a note'}{' '}
              <span className="muted">
                <Ago instant={note.createdAt} />
              </span>
            </li>
          ))}
        </ul>
      )}
      <RowNote gateId={gateId} row={row} blocked={blocked} />
    </div>
  );
}

const stateWords = {
  accepted: 'Accepted',
  reopened: 'Reopened',
  taken: 'Looked after',
  noise: 'Called noise',
} as const satisfies Record<Decision, string>;

/** Who said what of a row. */
export function DecisionLine({ decision }: { readonly decision: NonNullable<GateRow['decision']> }) {
  return (
    <p>
      {stateWords[decision.state]} by <strong>{decision.by}</strong> <Ago instant={decision.at} />
      {decision.comment && `: ${decision.comment}`}
      {decision.jobId && (
        <>
          {' · '}
          <Link href={`/jobs/${decision.jobId}`}>job that measures it again</Link>
        </>
      )}
    </p>
  );
}

interface RowNoteProps {
  readonly gateId: string;
  readonly row: GateRow;
  readonly blocked: string | undefined;
}

function RowNote({ gateId, row, blocked }: RowNoteProps) {
  const { api } = useLab();
  const [text, setText] = useState('');
  const write = useMutation({
    mutationFn: () => api.writeNote({ subject: { kind: 'gate', id: gateId, row: row.row }, text }),
    onSuccess: () => setText(''),
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    if (text.trim() !== '' && blocked === undefined) write.mutate();
  };
  return (
    <form className={css.note} onSubmit={onSubmit}>
      <input
        aria-label="Note on this row"
        placeholder="Note on this row; @name tells somebody"
        maxLength={2000}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Button type="submit" size="small" blocked={blocked} disabled={write.isPending || text.trim() === ''}>
        Write
      </Button>
      {write.isError && <ErrorNotice error={write.error} />}
    </form>
  );
}
