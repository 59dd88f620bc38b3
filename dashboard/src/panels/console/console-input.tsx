import { consoleLimits, enteredLine } from '@hilltop/contracts';
import { type ClipboardEvent, type FormEvent, useId, useRef, useState } from 'react';
import { useBlocked } from '../../app/lab-context.js';
import { Button } from '../../ui/button.js';
import { ErrorNotice } from '../../ui/notice.js';
import css from './console.module.css';
import type { Keyboard } from './use-keyboard.js';

export interface ConsoleInputProps {
  readonly keyboard: Keyboard;
  readonly text: string;
  readonly onText: (text: string) => void;
}

/** One line at a time: Enter sends it. What could not be sent stays; more than one line is asked for first. */
export function ConsoleInput({ keyboard, text, onText }: ConsoleInputProps) {
  const offline = useBlocked('operator');
  const { canType, locked } = keyboard.view;
  const [pasted, setPasted] = useState<readonly string[]>();
  const [error, setError] = useState<unknown>();
  const sending = useRef<Promise<void>>(Promise.resolve());
  const reason = useId();
  const blocked = offline ?? locked;
  const send = (lines: readonly string[]): void => {
    setError(undefined);
    // One after the other: the order is the person's.
    sending.current = sending.current.then(async () => {
      for (const [i, line] of lines.entries()) {
        try {
          await keyboard.type({ text: enteredLine(line) });
        } catch (refusal) {
          setError(refusal);
          onText(lines.slice(i).join(' '));
          return;
        }
      }
    });
  };
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    if (blocked !== undefined) return;
    send([text]);
    onText('');
  };
  const onPaste = (event: ClipboardEvent): void => {
    const lines = event.clipboardData.getData('text').replace(/\r\n?/g, '\n').replace(/\n$/, '').split('\n');
    if (lines.length < 2) return;
    event.preventDefault();
    setPasted(lines);
  };
  const press = (key: 'interrupt' | 'reset') => () => {
    setError(undefined);
    keyboard.type({ key }).catch(setError);
  };
  return (
    <form className={css.input} onSubmit={onSubmit}>
      <div className={css.line}>
        <input
          aria-label="Line to type"
          value={text}
          maxLength={consoleLimits.textCharacters - 1}
          readOnly={!canType || offline !== undefined}
          aria-describedby={reason}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          placeholder={canType ? 'Enter sends the line' : ''}
          onChange={(event) => onText(event.target.value)}
          onPaste={onPaste}
        />
      </div>
      <Button type="submit" size="small" blocked={blocked}>
        Send
      </Button>
      <Button size="small" blocked={blocked} onClick={press('interrupt')}>
        Ctrl-C
      </Button>
      <Button size="small" blocked={blocked} onClick={press('reset')}>
        Reset board
      </Button>
      <p id={reason} className={css.reason} role="status">
        {blocked}
      </p>
      {pasted && (
        <p className={css.question} role="alert">
          Type {pasted.length} lines, one after the other?
          <Button
            size="small"
            blocked={blocked}
            onClick={() => {
              send(pasted);
              setPasted(undefined);
            }}
          >
            Type them
          </Button>
          <Button size="small" onClick={() => setPasted(undefined)}>
            No
          </Button>
        </p>
      )}
      {error !== undefined && <ErrorNotice error={error} />}
    </form>
  );
}
