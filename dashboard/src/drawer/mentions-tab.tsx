import type { Note } from '@hilltop/contracts';
import { saidAt } from '@hilltop/contracts';
import { useEffect, useState } from 'react';
import { Link } from 'wouter';
import { useMe } from '../app/lab-context.js';
import { Ago } from '../ui/ago.js';
import { Empty, Skeleton } from '../ui/empty.js';
import { ErrorNotice } from '../ui/notice.js';
import css from './drawer.module.css';
import { pageOfNote } from './mentions.js';
import type { MyMentions } from './use-mentions.js';

/** Notes that name me. Seen here they are read; what was new stays marked as long as the list is open. */
export function MentionsTab({
  mentions: { all, unread, isKnown, error, markRead },
}: {
  readonly mentions: MyMentions;
}) {
  const me = useMe().data;
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    if (unread.length === 0) return;
    setFresh((before) => new Set([...before, ...unread.map(({ id }) => id)]));
    markRead();
  }, [unread, markRead]);
  if (me && me.user === undefined)
    return <Empty>Only people with a name of their own in this lab are mentioned.</Empty>;
  if (error) return <ErrorNotice error={error} />;
  if (!isKnown) return <Skeleton />;
  if (all.length === 0)
    return <Empty>Nobody has mentioned you. Write @ and a name in a note: that person hears of it.</Empty>;
  return (
    <ul className={css.mentions}>
      {all.map((note) => (
        <Mention key={note.id} note={note} isNew={fresh.has(note.id)} />
      ))}
    </ul>
  );
}

function Mention({ note, isNew }: { readonly note: Note; readonly isNew: boolean }) {
  return (
    <li className={css.mention} data-new={isNew || undefined}>
      <p>
        <strong>{note.author.name}</strong> on{' '}
        <Link href={pageOfNote(note)}>
          {note.subject.kind} {note.subject.id}
        </Link>{' '}
        <span className="muted">
          <Ago instant={saidAt(note)} />
          {isNew && ' · new'}
          {note.resolved && ` · resolved by ${note.resolved.by}`}
        </span>
      </p>
      <p className={css.text}>{note.text}</p>
    </li>
  );
}
