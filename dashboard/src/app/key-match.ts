/** What of a keyboard event tells which key it is. */
export type KeyPress = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

/** A sequence is forgotten after so long. */
export const sequenceMs = 1500;

/** `r`, `?`, `Escape`, `Control+k`, `Shift+ArrowLeft`; on a Mac the command key counts as Control. */
export function keyName({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyPress): string {
  const isCharacter = [...key].length === 1;
  return [
    ...(ctrlKey || metaKey ? ['Control'] : []),
    ...(altKey ? ['Alt'] : []),
    // `?` is itself with Shift or without, whatever the keyboard.
    ...(shiftKey && !isCharacter ? ['Shift'] : []),
    ctrlKey || metaKey ? key.toLowerCase() : key,
  ].join('+');
}

/** Whether keys are characters alone, which people who speak to their computer type by accident (WCAG 2.1.4). */
export const isSingle = (keys: string): boolean => keys.split(' ').every((key) => [...key].length === 1);

export interface KeyMatch<R> {
  readonly row?: R;
  /** What has been pressed of a sequence; empty: nothing. */
  readonly pending: string;
}

/** One more key after `pending`. Rows that come later hide earlier ones with the same keys. */
export function matchKey<R extends { readonly keys: string }>(
  pending: string,
  key: string,
  rows: readonly R[],
): KeyMatch<R> {
  const tried = pending === '' ? [key] : [`${pending} ${key}`, key];
  for (const keys of tried) {
    const row = rows.findLast((each) => each.keys === keys);
    if (row) return { row, pending: '' };
    if (rows.some((each) => each.keys.startsWith(`${keys} `))) return { pending: keys };
  }
  return { pending: '' };
}

/** `g l` as people read it: `g then l`; `Control+k`: `Ctrl K`. */
export function keyCaps(keys: string): readonly string[] {
  return keys.split(' ').map((key) =>
    key
      .replace('Control', 'Ctrl')
      .replace('Escape', 'Esc')
      .replace(/\+(.)$/, (_all, last) => ` ${last.toUpperCase()}`),
  );
}
