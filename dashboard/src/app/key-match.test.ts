import { describe, expect, it } from '@jest/globals';
import { isSingle, keyCaps, keyName, matchKey } from './key-match.js';

const press = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
const rows = ['g l', 'g m', '?', 'r', 'Control+k', 'l'].map((keys) => ({ keys }));

describe('keys', () => {
  it('[KEY-1] a key has one name on every keyboard', () => {
    expect(keyName({ ...press, key: 'r' })).toBe('r');
    expect(keyName({ ...press, key: '?', shiftKey: true })).toBe('?');
    expect(keyName({ ...press, key: 'K', metaKey: true })).toBe('Control+k');
    expect(keyName({ ...press, key: 'ArrowLeft', shiftKey: true })).toBe('Shift+ArrowLeft');
  });

  it('[KEY-1] letters one after the other are a sequence; another key begins anew', () => {
    const first = matchKey('', 'g', rows);
    expect(first).toEqual({ pending: 'g' });
    expect(matchKey(first.pending, 'm', rows)).toEqual({ row: { keys: 'g m' }, pending: '' });
    expect(matchKey(first.pending, 'r', rows)).toEqual({ row: { keys: 'r' }, pending: '' });
    expect(matchKey(first.pending, 'g', rows)).toEqual({ pending: 'g' });
    expect(matchKey(first.pending, 'x', rows)).toEqual({ pending: '' });
    expect(matchKey('', 'l', rows)).toEqual({ row: { keys: 'l' }, pending: '' });
  });

  it('[KEY-1] what was mounted last hides what was there', () => {
    const both = [
      { keys: 'c', of: 'shell' },
      { keys: 'c', of: 'chart' },
    ];
    expect(matchKey('', 'c', both).row).toEqual({ keys: 'c', of: 'chart' });
  });

  it('[KEY-2] single letters are told from keys with Control and named keys', () => {
    expect(['r', 'g l', '?', 'Control+k', 'Escape'].filter(isSingle)).toEqual(['r', 'g l', '?']);
  });

  it('[KEY-3] the key sheet writes them as they stand on a keyboard', () => {
    expect(['g l', 'Control+k', 'Escape'].map(keyCaps)).toEqual([['g', 'l'], ['Ctrl K'], ['Esc']]);
  });
});
