import { useBlocked, useNow } from '../../app/lab-context.js';
import { Button } from '../../ui/button.js';
import { ErrorNotice } from '../../ui/notice.js';
import css from './console.module.css';
import type { Keyboard } from './use-keyboard.js';

export interface KeyboardBarProps {
  readonly keyboard: Keyboard;
  /** The line that was begun waits for the keyboard to come back. */
  readonly hasText: boolean;
}

/** Who types, who asks, how many look on, and what the person at the screen can do about it. */
export function KeyboardBar({ keyboard, hasText }: KeyboardBarProps) {
  const { view } = keyboard;
  const blocked = useBlocked('operator');
  const busy = { blocked, disabled: keyboard.isPending, size: 'small' } as const;
  return (
    <div className={css.bar}>
      <strong data-testid="console-writer">{view.title}</strong>
      <span className="muted">{view.watching}</span>
      {view.way === 'reserve' && (
        <Button {...busy} onClick={keyboard.reserve}>
          {hasText ? 'Reclaim: reserve 30 min' : 'Reserve 30 min'}
        </Button>
      )}
      {view.way === 'take' && (
        <Button {...busy} kind="primary" onClick={keyboard.take}>
          {hasText ? 'Reclaim' : 'Take the keyboard'}
        </Button>
      )}
      {view.way === 'ask' && (
        <Button {...busy} onClick={keyboard.ask}>
          Ask for the keyboard
        </Button>
      )}
      {(view.canType || view.title.startsWith('You')) && (
        <Button {...busy} onClick={keyboard.drop}>
          Give back
        </Button>
      )}
      {view.asker !== undefined && (
        <p className={css.question} role="status">
          <strong>{view.asker}</strong> asks for the keyboard.
          <Button {...busy} onClick={() => keyboard.answer('give')}>
            Give
          </Button>
          <Button {...busy} onClick={() => keyboard.answer('no')}>
            No
          </Button>
        </p>
      )}
      {view.askedUntil !== undefined && <Waiting until={view.askedUntil} onStop={keyboard.drop} />}
      {keyboard.error !== undefined && <ErrorNotice error={keyboard.error} />}
    </div>
  );
}

function Waiting({ until, onStop }: { readonly until: string; readonly onStop: () => void }) {
  const left = Math.max(0, Math.ceil((Date.parse(until) - useNow(1000)) / 1000));
  return (
    <p className={css.question}>
      You asked; it is yours in {left} s unless somebody types.
      <Button size="small" onClick={onStop}>
        Ask no more
      </Button>
    </p>
  );
}
