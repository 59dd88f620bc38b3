import { useEffect, useRef } from 'react';
import { isSingle, keyName, matchKey, sequenceMs } from './key-match.js';
import { preferences } from './preferences.js';
import { say } from './said.js';

export interface KeyRow {
  /** `r`, `g l` (one after the other), `?`, `Control+k` (also the command key). */
  readonly keys: string;
  /** What it does, for the key sheet: `reserve this device`. */
  readonly does: string;
  readonly run: (event: KeyboardEvent) => void;
  /** Why it does nothing now. */
  readonly blocked?: string | undefined;
}

interface Registered {
  readonly scope: string;
  rows: readonly KeyRow[];
}

/** Keys of an open dialog stand under this scope: while one is open no other key acts. */
export const dialogScope = 'Dialog';

const registered = new Set<Registered>();

/** All keys of this page by scope, in order of appearance, for the key sheet. */
export function registeredKeys(): ReadonlyMap<string, readonly KeyRow[]> {
  const scopes = new Map<string, readonly KeyRow[]>();
  for (const { scope, rows } of registered) {
    const before = scopes.get(scope) ?? [];
    // Of several charts on a page each has the same keys: they are told once.
    scopes.set(scope, [...before, ...rows.filter(({ keys }) => !before.some((each) => each.keys === keys))]);
  }
  return scopes;
}

/**
 * Keys while the component is mounted. Nothing happens in inputs (but with Control), in menus, behind a dialog, after
 * something on the page took the key for itself, and for single letters when the viewer switched them off.
 */
export function useKeys(scope: string, rows: readonly KeyRow[]): void {
  const own = useRef<Registered>(undefined);
  useEffect(() => {
    const entry: Registered = { scope, rows: [] };
    own.current = entry;
    if (registered.size === 0) document.addEventListener('keydown', pressed);
    registered.add(entry);
    return () => {
      registered.delete(entry);
      if (registered.size === 0) document.removeEventListener('keydown', pressed);
    };
  }, [scope]);
  useEffect(() => {
    if (own.current) own.current.rows = rows;
  });
}

let pending = '';
let pendingSince = 0;

function pressed(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || modifiers.has(event.key)) return;
  const isModal = document.querySelector('dialog:modal') !== null;
  const { singleKeys } = preferences.getState();
  const inField = event.target instanceof Element && event.target.closest(fields) !== null;
  const rows = [...registered]
    .filter(({ scope }) => !isModal || scope === dialogScope)
    .flatMap((each) => each.rows)
    .filter(({ keys }) => (!inField || keys.includes('+')) && (singleKeys || !isSingle(keys)));
  const now = event.timeStamp;
  const match = matchKey(now - pendingSince > sequenceMs ? '' : pending, keyName(event), rows);
  pending = match.pending;
  pendingSince = now;
  if (!match.row) return;
  event.preventDefault();
  if (match.row.blocked === undefined) match.row.run(event);
  else say(match.row.blocked);
}

const modifiers = new Set(['Control', 'Meta', 'Alt', 'Shift', 'CapsLock']);
/** Where letters are text, or choose an entry by its first letters. */
const fields =
  'input:not([type="checkbox"], [type="radio"], [type="range"], [type="button"]), textarea, select, [contenteditable], [role="menu"], [role="listbox"], [role="textbox"]';
