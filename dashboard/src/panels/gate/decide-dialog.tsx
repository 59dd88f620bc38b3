import { type Gate, isLabError } from '@hilltop/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { useBlocked } from '../../app/lab-context.js';
import { useNightsApi } from '../../link/use-nights-api.js';
import { Button } from '../../ui/button.js';
import { Field } from '../../ui/field.js';
import { Modal } from '../../ui/modal.js';
import { ErrorNotice, Notice } from '../../ui/notice.js';
import type { RowView } from './gate-rows.js';

export type Decision = 'accepted' | 'reopened' | 'taken' | 'noise';

const words = {
  accepted: {
    title: 'Accept this row',
    text: 'It is no regression for the gate any more. Everybody sees who said so, and why.',
    button: 'Accept',
  },
  reopened: {
    title: 'Reopen this row',
    text: 'It counts again. Say why, for the one who decided before.',
    button: 'Reopen',
  },
  taken: { title: 'Take this row', text: 'You look after it; it stays open until it is accepted.', button: 'Take it' },
  noise: {
    title: 'Noise: measure again',
    text: 'A job measures the variant and its control again under strict. The row stays open meanwhile.',
    button: 'Measure again',
  },
} as const satisfies Record<Decision, { title: string; text: string; button: string }>;

export interface DecideDialogProps {
  readonly gateId: string;
  readonly view: RowView;
  readonly decision: Decision;
  readonly onChange: (decision: Decision) => void;
  readonly onClose: () => void;
}

/** One decision of one row. Two who decide: the first wins, the second sees who that was and may reopen with a reason. */
export function DecideDialog({ gateId, view, decision, onChange, onClose }: DecideDialogProps) {
  const api = useNightsApi();
  const client = useQueryClient();
  const blocked = useBlocked('operator');
  const form = useId();
  const text = useRef<HTMLTextAreaElement>(null);
  // After the dialog has put the focus on its first button: it was opened to write this.
  useEffect(() => text.current?.focus(), []);
  const [comment, setComment] = useState('');
  // What this person saw when the dialog opened; another decision meanwhile is a conflict, not overwritten.
  const [seen, setSeen] = useState(view.row.decision?.n ?? 0);
  const { row } = view.row;
  const said = comment.trim() === '' ? {} : { comment: comment.trim() };
  const decide = useMutation({
    mutationFn: () =>
      decision === 'noise'
        ? api.remeasure(gateId, row, { ...said, seen })
        : api.decide(gateId, row, { state: decision, ...said, seen }),
    onSuccess: (gate: Gate) => {
      client.setQueryData(['gate', gateId], gate);
      onClose();
    },
    onError: () => void client.invalidateQueries({ queryKey: ['gate', gateId] }),
  });
  const lost = isLabError(decide.error, 'gate.decided');
  const needs = decision === 'reopened' && comment.trim() === '' ? 'Say why it is open again.' : undefined;
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    if (blocked === undefined && needs === undefined) decide.mutate();
  };
  const reopen = (): void => {
    setSeen(view.row.decision?.n ?? 0);
    decide.reset();
    onChange('reopened');
  };
  const { title, text: about, button } = words[decision];
  return (
    <Modal
      title={title}
      description={`${view.name}. ${about}`}
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      footer={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button kind="primary" type="submit" form={form} blocked={blocked ?? needs} disabled={decide.isPending}>
            {button}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={onSubmit}>
        <Field label={decision === 'reopened' ? 'Reason' : 'Comment'} hint="Kept with the row.">
          {(control) => (
            <textarea
              {...control}
              ref={text}
              rows={3}
              maxLength={1000}
              value={comment}
              onChange={(event) => setComment(event.target.value)}
            />
          )}
        </Field>
      </form>
      {lost ? (
        <div data-testid="decided-first">
          <Notice
            tone="warn"
            action={
              view.row.decision &&
              view.row.decision.state !== 'reopened' && (
                <Button size="small" onClick={reopen}>
                  Reopen with a reason
                </Button>
              )
            }
          >
            {(decide.error as Error).message}
          </Notice>
        </div>
      ) : (
        decide.isError && <ErrorNotice error={decide.error} onRetry={() => decide.mutate()} />
      )}
    </Modal>
  );
}
