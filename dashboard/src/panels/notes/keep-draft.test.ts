import { describe, expect, it } from '@jest/globals';
import { keepDraft } from './keep-draft.js';

describe('drafts', () => {
  it('[LINK-5] what is being written is kept in the browser, and forgotten once it is sent', () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    };
    keepDraft(storage, 'd', 'half a th');
    expect(kept.get('d')).toBe('half a th');
    keepDraft(storage, 'd', '');
    expect(kept.size).toBe(0);
    const full = {
      ...storage,
      setItem: () => {
        throw new Error('full');
      },
    };
    expect(() => keepDraft(full, 'd', 'text')).not.toThrow();
  });
});
