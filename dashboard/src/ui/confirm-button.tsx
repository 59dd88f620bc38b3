import { useEffect, useRef, useState } from 'react';
import { Button } from './button.js';
import css from './confirm-button.module.css';

export interface ConfirmButtonProps {
  /** `Revoke` */
  readonly word: string;
  /** What it is done to, for screen readers: `the token laptop`. */
  readonly label: string;
  readonly blocked?: string | undefined;
  readonly onConfirm: () => void;
}

/** Something that cannot be taken back: pressed, it asks in its own place; Escape keeps things as they are. */
export function ConfirmButton({ word, label, blocked, onConfirm }: ConfirmButtonProps) {
  const [isAsking, setAsking] = useState(false);
  const yes = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (isAsking) yes.current?.focus();
  }, [isAsking]);
  if (!isAsking)
    return (
      <Button
        size="small"
        kind="danger"
        blocked={blocked}
        aria-label={`${word} ${label}`}
        onClick={() => setAsking(true)}
      >
        {word}
      </Button>
    );
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape is also the second button
    <span
      className={css.ask}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        event.preventDefault();
        setAsking(false);
      }}
    >
      <Button
        ref={yes}
        size="small"
        kind="danger"
        aria-label={`Yes, ${word.toLowerCase()} ${label}`}
        onClick={() => {
          setAsking(false);
          onConfirm();
        }}
      >
        Yes, {word.toLowerCase()}
      </Button>
      <Button size="small" onClick={() => setAsking(false)}>
        Keep
      </Button>
    </span>
  );
}
