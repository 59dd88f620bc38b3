import type { TokenStorage } from '../../link/session-store.js';

/** Keeps a text that is being written in this browser; an empty one is forgotten. */
export function keepDraft(storage: TokenStorage, key: string, text: string): void {
  try {
    if (text === '') storage.removeItem(key);
    else storage.setItem(key, text);
  } catch {
    return; // full storage: it is kept while the page is open
  }
}
