import * as z from 'zod';
import { LeaseParty } from './lease.js';
import { Id, Instant, PageQuery } from './names.js';

/** What a note can be about. */
export const noteSubjects = ['model', 'variant', 'run', 'device', 'job', 'sweep', 'gate'] as const;
export const NoteSubjectKind = z.enum(noteSubjects);
export type NoteSubjectKind = z.infer<typeof NoteSubjectKind>;
/** `row`: of a gate, the row that it is about. */
export const NoteSubject = z.strictObject({
  kind: NoteSubjectKind,
  id: Id,
  row: z.number().int().min(1).max(1_000_000).optional(),
});
export type NoteSubject = z.infer<typeof NoteSubject>;

const text = z.string().trim().min(1).max(2000);

/** A person's remark on a thing: pinned to its id, so that it outlives a new measurement. */
export const Note = z.object({
  id: Id,
  /** Grows with every change; an edit names the one it saw. */
  revision: z.number().int().min(1),
  subject: NoteSubject,
  /** Where it is shown, besides its subject. */
  about: z.object({
    modelId: Id.optional(),
    deviceId: Id.optional(),
    jobId: Id.optional(),
    sweepId: Id.optional(),
    row: z.number().int().optional(),
  }),
  author: LeaseParty,
  /** Plain text; empty once deleted. */
  text: z.string(),
  /** Users that it names with @. */
  mentions: z.array(z.object({ id: Id, name: z.string() })),
  createdAt: Instant,
  editedAt: Instant.optional(),
  resolved: z.object({ by: z.string(), at: Instant }).optional(),
  /** The place stays, the text does not. */
  deletedAt: Instant.optional(),
});
export type Note = z.infer<typeof Note>;

export const NoteCreate = z.strictObject({ subject: NoteSubject, text });
export type NoteCreate = z.infer<typeof NoteCreate>;

/** The author's new text, or anybody's mark that it is settled. */
export const NoteUpdate = z
  .strictObject({ revision: z.number().int().min(1), text: text.optional(), resolved: z.boolean().optional() })
  .refine((update) => update.text !== undefined || update.resolved !== undefined, {
    message: 'name a new text, or whether it is resolved',
  });
export type NoteUpdate = z.infer<typeof NoteUpdate>;

export const NoteQuery = PageQuery.extend({
  subject: Id.optional(),
  /** Only those that name the caller and are not resolved. */
  mentions: z.literal('me').optional(),
}).strict();
export type NoteQuery = z.infer<typeof NoteQuery>;

/** Up to when a person has read what names them, and what does: newest first, resolved or not. */
export const Mentions = z.object({ readUpTo: Instant.optional(), items: z.array(Note) });
export type Mentions = z.infer<typeof Mentions>;

export const MentionsRead = z.strictObject({ readUpTo: Instant });
export type MentionsRead = z.infer<typeof MentionsRead>;

/** When a note began to say what it says. */
export const saidAt = (note: Note): string => note.editedAt ?? note.createdAt;

/** Whether a note names this user, is somebody else's and came after what was read. */
export function isUnread(note: Note, userId: string, readUpTo: string | undefined): boolean {
  return (
    note.deletedAt === undefined &&
    note.author.owner !== userId &&
    note.mentions.some(({ id }) => id === userId) &&
    (readUpTo === undefined || saidAt(note) > readUpTo)
  );
}

/** Users that a text names: `@` and the whole name, the longest first, letters of either case. */
export function mentionsIn<T extends { readonly name: string }>(text: string, users: readonly T[]): T[] {
  const byLength = [...users].sort((a, b) => b.name.length - a.name.length);
  const found = new Set<T>();
  const lower = text.toLowerCase();
  for (let at = lower.indexOf('@'); at >= 0; at = lower.indexOf('@', at + 1)) {
    const user = byLength.find(({ name }) => {
      const end = at + 1 + name.length;
      return lower.startsWith(name.toLowerCase(), at + 1) && !/[\p{L}\p{N}]/u.test(text[end] ?? ' ');
    });
    if (user) found.add(user);
  }
  return [...found];
}
