import type { TokenStorage } from '../link/session-store.js';

const key = 'hilltop.palette';
const keptMost = 12;

/** What was chosen last, newest first. */
export function readRecent(storage: Pick<TokenStorage, 'getItem'>): readonly string[] {
  return (storage.getItem(key) ?? '').split('\n').filter(Boolean).slice(0, keptMost);
}

/** Puts a choice first. Lines are not kept: what they act on changes. */
export function rememberChoice(storage: Pick<TokenStorage, 'getItem' | 'setItem'>, id: string): void {
  if (id.startsWith('line:')) return;
  try {
    storage.setItem(key, [id, ...readRecent(storage).filter((each) => each !== id)].slice(0, keptMost).join('\n'));
  } catch {
    return; // full storage: nothing is remembered
  }
}
