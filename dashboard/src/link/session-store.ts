import { createStore, type StoreApi } from 'zustand/vanilla';

/** Where a token came from. */
export type TokenOrigin = 'code' | 'pasted' | 'guest';

/**
 * `token` absent: nobody is signed in. `origin`: a `code` made this token for this browser, so signing out revokes it; a
 * `pasted` one belongs elsewhere too and is only forgotten, as a `guest`'s is: it makes this browser the same guest again. `notice`: why a session ended, when not by the person's hand.
 */
export interface SessionState {
  readonly token?: string;
  readonly origin?: TokenOrigin;
  readonly notice?: string;
}

export interface SessionStore extends StoreApi<SessionState> {
  signIn(token: string, origin: TokenOrigin): void;
  /** Which guest this browser was, if it was one. */
  guestToken(): string | undefined;
  signOut(notice?: string): void;
}

/** What of `Storage` is needed. */
export type TokenStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

export const tokenKey = 'hilltop.token';
export const originKey = 'hilltop.token-origin';
/** The last token this browser had as a guest. */
const guestKey = 'hilltop.guest';

/** The person's token, kept between visits. A browser that refuses storage keeps it for this visit. */
export function createSessionStore(storage: TokenStorage): SessionStore {
  const stored = storage.getItem(tokenKey) ?? undefined;
  const store = createStore<SessionState>(() =>
    stored ? { token: stored, origin: origins.find((each) => each === storage.getItem(originKey)) ?? 'pasted' } : {},
  );
  return Object.assign(store, {
    guestToken: () => storage.getItem(guestKey) ?? undefined,
    signIn(token: string, origin: TokenOrigin) {
      attempt(() => {
        if (origin === 'guest') storage.setItem(guestKey, token);
        storage.setItem(originKey, origin);
        storage.setItem(tokenKey, token);
      });
      store.setState({ token, origin }, true);
    },
    signOut(notice?: string) {
      storage.removeItem(tokenKey);
      storage.removeItem(originKey);
      store.setState(notice === undefined ? {} : { notice }, true);
    },
  });
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined; // full or closed storage: the token lasts for this visit
  }
}

const origins: readonly TokenOrigin[] = ['code', 'pasted', 'guest'];

/** The one-time code of a sign-in address `/#code=…`; undefined when there is none. */
export function codeOf(hash: string): string | undefined {
  return new URLSearchParams(hash.replace(/^#/, '')).get('code') ?? undefined;
}

/** The code of a guest's link `/…#guest=…`; undefined when there is none. */
export function guestCodeOf(hash: string): string | undefined {
  return new URLSearchParams(hash.replace(/^#/, '')).get('guest') ?? undefined;
}
