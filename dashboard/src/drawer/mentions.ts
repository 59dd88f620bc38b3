import { isUnread, type Note, type NoteSubjectKind, saidAt } from '@hilltop/contracts';

/** Notes that name this user: those the lab listed, and what came or changed since; newest first. */
export function mentionsOf(listed: readonly Note[], live: Iterable<Note>, userId: string): readonly Note[] {
  const notes = new Map(listed.map((note) => [note.id, note]));
  for (const note of live) if ((notes.get(note.id)?.revision ?? 0) < note.revision) notes.set(note.id, note);
  return [...notes.values()]
    .filter((note) => note.deletedAt === undefined && note.mentions.some(({ id }) => id === userId))
    .sort((a, b) => saidAt(b).localeCompare(saidAt(a)) || b.id.localeCompare(a.id));
}

export const unreadOf = (notes: readonly Note[], userId: string, readUpTo: string | undefined): readonly Note[] =>
  notes.filter((note) => isUnread(note, userId, readUpTo));

const pages = {
  model: 'models',
  variant: 'models',
  run: 'runs',
  device: 'devices',
  job: 'jobs',
  sweep: 'sweeps',
  gate: 'gates',
} as const satisfies Record<NoteSubjectKind, string>;

/** Page of the thing that a note is on; a variant stands on its model's. */
export function pageOfNote({ subject, about }: Pick<Note, 'subject' | 'about'>): string {
  const id = subject.kind === 'variant' ? (about.modelId ?? subject.id) : subject.id;
  return `/${pages[subject.kind]}/${encodeURIComponent(id)}`;
}
