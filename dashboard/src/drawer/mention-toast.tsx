import type { Note } from '@hilltop/contracts';
import { useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import { Button } from '../ui/button.js';
import css from './drawer.module.css';
import { pageOfNote } from './mentions.js';

/** Says politely who has just mentioned me; what was unread when the page came is only counted. */
export function MentionToast({ unread, isKnown }: { readonly unread: readonly Note[]; readonly isKnown: boolean }) {
  const known = useRef<Set<string>>(undefined);
  const [shown, setShown] = useState<Note>();
  useEffect(() => {
    if (!isKnown) return;
    const fresh = known.current && unread.find(({ id }) => !known.current!.has(id));
    known.current = new Set([...(known.current ?? []), ...unread.map(({ id }) => id)]);
    if (fresh) setShown(fresh);
  }, [unread, isKnown]);
  // Read on any screen, it needs no saying here.
  const note = shown && unread.some(({ id }) => id === shown.id) ? shown : undefined;
  return (
    <div className={css.toasts} role="status" aria-live="polite">
      {note && (
        <div className={css.toast} data-testid="mention-toast">
          <p className={css.toastText}>
            <strong>{note.author.name}</strong> mentions you: {note.text}
          </p>
          <p className={css.tools}>
            <Link href={pageOfNote(note)} onClick={() => setShown(undefined)}>
              Look
            </Link>
            <Button size="small" onClick={() => setShown(undefined)}>
              Later
            </Button>
          </p>
        </div>
      )}
    </div>
  );
}
