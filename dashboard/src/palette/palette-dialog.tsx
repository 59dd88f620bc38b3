import { useMutation } from '@tanstack/react-query';
import { type KeyboardEvent, useId, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { useBlocked, useLab, useMe, useTopic } from '../app/lab-context.js';
import { say } from '../app/said.js';
import { usePeople } from '../app/use-presence.js';
import { hasDialog, useDialogs } from '../dialogs/dialogs-context.js';
import { copyText } from '../link/copy-text.js';
import { Button } from '../ui/button.js';
import { ErrorNotice } from '../ui/notice.js';
import type { Call } from './act.js';
import { allEntries, type Entry } from './entries.js';
import { blockedReason, findEntries } from './find-entries.js';
import type { Known } from './known.js';
import css from './palette.module.css';
import { PaletteList } from './palette-list.js';
import { readRecent, rememberChoice } from './recent.js';

/** Everything the page can do, by name: a combobox whose list never takes the focus. */
export function PaletteDialog({ onClose }: { readonly onClose: () => void }) {
  const { api, storage, presences } = useLab();
  const { entities } = useTopic('lab');
  const me = useMe().data;
  const people = usePeople();
  const dialogs = useDialogs();
  const [path, navigate] = useLocation();
  const offline = useBlocked('public');
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  const [said, setSaid] = useState('');
  const [asked, setAsked] = useState<Call>();
  const id = useId();
  const frame = useRef<HTMLDialogElement>(null);
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    const element = frame.current;
    element?.showModal();
    field.current?.focus();
    return () => element?.close();
  }, []);

  const known = useMemo<Known>(
    () => ({ entities, me, people, address: `${location.origin}${path}${location.search}` }),
    [entities, me, people, path],
  );
  const entries = useMemo(() => allEntries(known, hasDialog), [known]);
  const recent = useMemo(() => readRecent(storage), [storage]);
  const rows = useMemo(() => findEntries(query, entries, recent, known), [query, entries, recent, known]);
  const current = Math.min(active, rows.length - 1);
  const reasonOf = (entry: Entry): string | undefined => blockedReason(entry, known, offline);

  const type = (text: string): void => {
    setQuery(text);
    setActive(0);
    setSaid('');
    field.current?.focus();
  };
  const send = useMutation({
    mutationFn: ({ method, path: route, body }: Call) => api.command(method, route, body),
    onSuccess: (made, { done, opens }) => {
      say(done);
      onClose();
      if (opens && made?.id !== undefined) navigate(opens(made.id));
    },
  });
  const choose = (entry: Entry | undefined): void => {
    if (!entry || send.isPending) return;
    const reason = reasonOf(entry);
    if (reason !== undefined) {
      setSaid(reason);
      return;
    }
    rememberChoice(storage, entry.id);
    const { act } = entry;
    switch (act.kind) {
      case 'fill':
        type(act.text);
        break;
      case 'copy':
        void copyText(act.line).then((ok) => setSaid(ok ? `Copied: ${act.line}` : `Select and copy: ${act.line}`));
        break;
      case 'call':
        if (act.asks === undefined) send.mutate(act);
        else setAsked(act);
        break;
      case 'needs':
        setSaid(act.text);
        break;
      case 'go':
        onClose();
        navigate(act.href);
        break;
      case 'open':
        onClose();
        dialogs.open(act.dialog, act.start);
        break;
      case 'follow':
        onClose();
        presences.follow(act.connection);
        break;
    }
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    const step = steps[event.key];
    if (step !== undefined && rows.length > 0) {
      event.preventDefault();
      const next = current + step;
      const isPage = Math.abs(step) > 1;
      setActive(isPage ? Math.max(0, Math.min(rows.length - 1, next)) : (next + rows.length) % rows.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      choose(rows[current]);
    } else if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      onClose();
    }
  };

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape does the same
    <dialog
      ref={frame}
      className={css.palette}
      aria-label="Command palette"
      onCancel={(event) => {
        event.preventDefault();
        if (asked) setAsked(undefined);
        else onClose();
      }}
      onClick={(event) => event.target === event.currentTarget && onClose()}
    >
      <div className={css.frame}>
        <input
          ref={field}
          className={css.field}
          role="combobox"
          aria-label="What to do, or where to go"
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          {...(current >= 0 && { 'aria-activedescendant': `${id}-${current}` })}
          placeholder="Name or verb; > for a command line"
          spellCheck={false}
          autoComplete="off"
          value={query}
          onChange={(event) => type(event.target.value)}
          onKeyDown={onKeyDown}
        />
        {asked ? (
          <fieldset className={css.ask} aria-label={asked.asks}>
            <p>{asked.asks}</p>
            <Button kind="danger" autoFocus disabled={send.isPending} onClick={() => send.mutate(asked)}>
              Yes
            </Button>
            <Button onClick={() => setAsked(undefined)}>No</Button>
          </fieldset>
        ) : (
          <PaletteList id={id} rows={rows} active={current} reasonOf={reasonOf} onPoint={setActive} onChoose={choose} />
        )}
        {send.isError && <ErrorNotice error={send.error} />}
        <p className={css.said} role="status">
          {said}
        </p>
        <p className={css.hints}>
          <kbd>↑</kbd> <kbd>↓</kbd> choose · <kbd>Enter</kbd> do it · <kbd>Esc</kbd> close · <kbd>&gt;</kbd> as in the
          terminal
        </p>
      </div>
    </dialog>
  );
}
