import { errorText, GuestSession, Me, Session, tokenPattern } from '@hilltop/contracts';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { Rest } from '../link/rest.js';
import { codeOf, guestCodeOf, type SessionStore, type TokenOrigin } from '../link/session-store.js';
import { Button } from '../ui/button.js';
import { CopyLine } from '../ui/copy-line.js';
import { Field } from '../ui/field.js';
import { Notice } from '../ui/notice.js';
import { Mark } from './mark.js';
import css from './sign-in.module.css';

export interface SignInProps {
  readonly session: SessionStore;
  readonly rest: Rest;
  /** The code of the address worked, or did not. */
  readonly onTried: () => void;
}

/** Takes the one-time code of the address by itself, or a token or code that a person pastes. */
export function SignIn({ session, rest, onTried }: SignInProps) {
  const notice = useStore(session, (state) => state.notice);
  const [text, setText] = useState('');
  const [error, setError] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const tried = useRef<string>(undefined);

  const enter = async (entered: string): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      const { token, origin } = await tokenFor(rest, entered);
      session.signIn(token, origin);
    } catch (cause) {
      setError(errorText(cause));
      setBusy(false);
    }
  };
  const watch = async (code: string): Promise<void> => {
    setBusy(true);
    const again = session.guestToken();
    try {
      const body = { code, ...(again !== undefined && { again }) };
      session.signIn((await rest('sessions/guest', GuestSession, { method: 'POST', body })).token, 'guest');
    } catch (cause) {
      session.signOut();
      setError(errorText(cause));
      setBusy(false);
    }
  };
  useEffect(() => {
    const take = (): void => {
      const guest = guestCodeOf(location.hash);
      if (guest !== undefined && tried.current !== guest) {
        tried.current = guest;
        history.replaceState(history.state, '', location.pathname + location.search);
        void watch(guest).then(onTried);
        return;
      }
      const code = codeOf(location.hash);
      if (code === undefined || tried.current === code) return;
      tried.current = code; // a code works once: it is not tried twice
      history.replaceState(history.state, '', location.pathname + location.search);
      void enter(code).then(onTried);
    };
    take();
    addEventListener('hashchange', take);
    return () => removeEventListener('hashchange', take);
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    if (text.trim() !== '') void enter(text.trim());
  };

  return (
    <main className={css.page}>
      <form className={css.card} onSubmit={onSubmit}>
        <Mark size={40} />
        <h1>Sign in to Hilltop</h1>
        {notice !== undefined && error === undefined && <Notice tone="warn">{notice}</Notice>}
        <Field
          label="Token or one-time code"
          error={error}
          hint="A token begins with hlt_usr_; a code stands at the end of the address that the lab printed."
        >
          {(control) => (
            <input
              {...control}
              type="password"
              autoComplete="current-password"
              spellCheck={false}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
        <Button kind="primary" type="submit" disabled={isBusy}>
          {isBusy ? 'Signing in' : 'Sign in'}
        </Button>
        <p className="muted">On the machine that runs the lab, this opens the page signed in:</p>
        <CopyLine label="command to open the dashboard" text="npx hilltop open" />
      </form>
    </main>
  );
}

/** A token is tried before it is kept; a code is traded for one. Throws LabError with the reason. */
async function tokenFor(rest: Rest, entered: string): Promise<{ token: string; origin: TokenOrigin }> {
  const code = codeOf(entered.slice(Math.max(0, entered.indexOf('#')))) ?? entered;
  if (!tokenPattern.test(entered))
    return { token: (await rest('sessions', Session, { method: 'POST', body: { code } })).token, origin: 'code' };
  await rest('me', Me, { headers: { authorization: `Bearer ${entered}` } });
  return { token: entered, origin: 'pasted' };
}
