import type { Note } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { mentionsOf, pageOfNote, unreadOf } from './mentions.js';

const note = (id: string, minute: number, more: Partial<Note> = {}): Note => ({
  id,
  revision: 1,
  subject: { kind: 'model', id: 'mod_1' },
  about: { modelId: 'mod_1' },
  author: { owner: 'usr_ana', name: 'Ana' },
  text: `@Mira ${id}`,
  mentions: [{ id: 'usr_mira', name: 'Mira' }],
  createdAt: `2026-01-01T00:${String(minute).padStart(2, '0')}:00.000Z`,
  ...more,
});
const ids = (notes: readonly Note[]): string[] => notes.map(({ id }) => id);

describe('mentions', () => {
  it('[SET-5] what was listed and what came since are one list, the newer form of each, newest first', () => {
    const listed = [note('b', 2), note('a', 1)];
    const live = [note('c', 3), note('a', 1, { revision: 2, text: 'changed' }), note('other', 4, { mentions: [] })];
    const all = mentionsOf(listed, live, 'usr_mira');
    expect(ids(all)).toEqual(['c', 'b', 'a']);
    expect(all[2]!.text).toBe('changed');
    expect(
      mentionsOf(listed, [note('b', 2, { revision: 2, deletedAt: '2026-01-01T01:00:00.000Z' })], 'usr_mira'),
    ).toEqual([listed[1]]);
  });

  it('[SET-5] unread is what others said after what was read, an edit counting from when it was made', () => {
    const notes = [
      note('new', 9),
      note('edited', 1, { editedAt: '2026-01-01T00:08:00.000Z' }),
      note('own', 9, { author: { owner: 'usr_mira', name: 'Mira' } }),
      note('old', 2),
    ];
    expect(ids(unreadOf(notes, 'usr_mira', '2026-01-01T00:05:00.000Z'))).toEqual(['new', 'edited']);
    expect(ids(unreadOf(notes, 'usr_mira', undefined))).toEqual(['new', 'edited', 'old']);
  });

  it('[SET-5] each leads to the page of what it is on', () => {
    expect(pageOfNote(note('a', 1, { subject: { kind: 'variant', id: 'var_1' } }))).toBe('/models/mod_1');
    expect(pageOfNote(note('a', 1, { subject: { kind: 'gate', id: 'gate_1' } }))).toBe('/gates/gate_1');
  });
});
