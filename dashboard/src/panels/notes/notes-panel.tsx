import type { Note, NoteSubject } from '@hilltop/contracts';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useMemo, useState } from 'react';
import { useBlocked, useLab, useMe, useTopic, useValues } from '../../app/lab-context.js';
import { Ago } from '../../ui/ago.js';
import { Button } from '../../ui/button.js';
import { Field } from '../../ui/field.js';
import { ErrorNotice } from '../../ui/notice.js';
import { isOwn } from '../leases/lease-model.js';
import type { PanelProps, Subject } from '../panel-name.js';
import { keepDraft } from './keep-draft.js';
import css from './notes.module.css';

/** What a screen's notes are about, and the topic that brings them. */
function subjectOf(subject: Subject): { topic: `${string}/${string}`; on: NoteSubject } | undefined {
  const { runId, jobId, deviceId, sweepId, modelId } = subject;
  if (runId !== undefined && jobId !== undefined) return { topic: `job/${jobId}`, on: { kind: 'run', id: runId } };
  if (sweepId !== undefined) return { topic: `sweep/${sweepId}`, on: { kind: 'sweep', id: sweepId } };
  if (jobId !== undefined) return { topic: `job/${jobId}`, on: { kind: 'job', id: jobId } };
  if (deviceId !== undefined) return { topic: `device/${deviceId}`, on: { kind: 'device', id: deviceId } };
  if (modelId !== undefined) return { topic: `model/${modelId}`, on: { kind: 'model', id: modelId } };
  return undefined;
}

/** Remarks of people on this thing, and on what belongs to it. */
export function NotesPanel({ subject }: PanelProps) {
  const found = subjectOf(subject);
  const topic = useTopic(found?.topic);
  const all = useValues(topic.entities.note);
  const notes = useMemo(
    () =>
      all
        .filter((note) => subject.runId === undefined || note.subject.id === subject.runId)
        .sort((a, b) => a.createdAt.localeCompare(b.createdAt)),
    [all, subject.runId],
  );
  if (!found) return null;
  return (
    <>
      {notes.length > 0 && (
        <ul className={css.notes}>
          {notes.map((note) => (
            <NoteRow key={note.id} note={note} isElsewhere={note.subject.id !== found.on.id} />
          ))}
        </ul>
      )}
      <Write on={found.on} />
    </>
  );
}

function Write({ on }: { readonly on: NoteSubject }) {
  const { api, storage } = useLab();
  const blocked = useBlocked('operator');
  // Kept in the browser until the lab has it: neither a lost link nor a closed tab loses the text.
  const draft = `hilltop.draft.${on.kind}.${on.id}`;
  const [text, setState] = useState(() => storage.getItem(draft) ?? '');
  const setText = (next: string): void => {
    setState(next);
    keepDraft(storage, draft, next);
  };
  const write = useMutation({ mutationFn: () => api.writeNote({ subject: on, text }), onSuccess: () => setText('') });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    if (text.trim() !== '' && blocked === undefined) write.mutate();
  };
  return (
    <form className={css.write} onSubmit={onSubmit}>
      <Field label="New note" hint="@name tells somebody.">
        {(control) => (
          <textarea
            {...control}
            rows={2}
            maxLength={2000}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
      <Button type="submit" size="small" blocked={blocked} disabled={write.isPending || text.trim() === ''}>
        Write
      </Button>
      {write.isError && <ErrorNotice error={write.error} onRetry={() => write.mutate()} />}
    </form>
  );
}

function NoteRow({ note, isElsewhere }: { readonly note: Note; readonly isElsewhere: boolean }) {
  const { api } = useLab();
  const me = useMe().data;
  const blocked = useBlocked('operator');
  const act = useMutation({ mutationFn: (command: () => Promise<Note>) => command() });
  if (note.deletedAt !== undefined)
    return (
      <li className="caption">
        {note.author.name} deleted a note <Ago instant={note.deletedAt} />
      </li>
    );
  return (
    <li className={css.note} data-testid={`note-${note.id}`} data-resolved={note.resolved !== undefined || undefined}>
      <p className={css.head}>
        <strong>{note.author.name}</strong>{' '}
        <span className="muted">
          <Ago instant={note.createdAt} />
          {note.editedAt !== undefined && ', edited'}
          {isElsewhere && ` · on ${note.subject.kind} ${note.subject.id}`}
          {note.resolved && ` · resolved by ${note.resolved.by}`}
        </span>
      </p>
      <p className={css.text}>{note.text}</p>
      <p className={css.tools}>
        <Button
          kind="quiet"
          size="small"
          blocked={blocked}
          onClick={() =>
            act.mutate(() => api.changeNote(note, { revision: note.revision, resolved: note.resolved === undefined }))
          }
        >
          {note.resolved ? 'Reopen' : 'Resolve'}
        </Button>
        {isOwn(note.author, me) && (
          <Button kind="quiet" size="small" blocked={blocked} onClick={() => act.mutate(() => api.deleteNote(note))}>
            Delete
          </Button>
        )}
      </p>
      {act.isError && <ErrorNotice error={act.error} />}
    </li>
  );
}
