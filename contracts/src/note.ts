import * as z from 'zod';
import { LeaseParty } from './lease.js';
import { Id, Instant, PageQuery } from './names.js';

/** What a note can be about. */
export const noteSubjects = ['model', 'variant', 'run', 'device', 'job', 'sweep', 'gate'] as const;
export const NoteSubjectKind = z.enum(noteSubjects);
export type NoteSubjectKind = z.infer<typeof NoteSubjectKind>;
export const NoteSubject = z.strictObject({ kind: NoteSubjectKind, id: Id });
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
