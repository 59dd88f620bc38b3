import { useEffect } from 'react';
import { useStore } from 'zustand';
import { said, say } from './said.js';
import css from './shell.module.css';

/** Long enough to be read. */
const shownMs = 6000;

/** What became of a key or a command, at the edge of the page; it covers nothing for long. */
export function SaidLine() {
  const { text, turn } = useStore(said);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the same sentence again is shown anew
  useEffect(() => {
    if (text === undefined) return;
    const timer = setTimeout(() => say(undefined), shownMs);
    return () => clearTimeout(timer);
  }, [text, turn]);
  return (
    <p className={css.said} role="status">
      {text}
    </p>
  );
}
