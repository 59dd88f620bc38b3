import * as z from 'zod';
import { Id, Instant, Name } from './names.js';

/** A link lives a day unless told otherwise, and no longer than a month. */
export const invitationHours = { usual: 24, longest: 24 * 31 } as const;
/** How long a guest stays in without opening the link again, in h; never longer than the link itself. */
export const guestHours = 12;
/** Guests that one link lets in at a time. */
export const guestsPerInvitation = 200;

const Path = z
  .string()
  .max(600)
  // The lab's own pages only: `//elsewhere` and `/\elsewhere` are other hosts to a browser.
  .regex(/^\/(?![/\\])[^\s#\\]*$/, 'must be the path of a page of this lab, such as /models/net');

/** A link that lets people in to watch. */
export const Invitation = z.object({
  id: Id,
  /** Page on which guests arrive. */
  path: z.string(),
  label: Name.optional(),
  createdBy: z.string(),
  createdAt: Instant,
  expiresAt: Instant,
  revokedAt: Instant.optional(),
  /** How many have come in with it. */
  guests: z.number().int().min(0),
});
export type Invitation = z.infer<typeof Invitation>;

export const InvitationCreate = z.strictObject({
  path: Path.default('/'),
  expiresInHours: z.number().min(0.25).max(invitationHours.longest).default(invitationHours.usual),
  label: Name.optional(),
});
export type InvitationCreate = z.input<typeof InvitationCreate>;

/** The answer to making one: the only time its link is shown. */
export const InvitationCreated = z.object({ invitation: Invitation, url: z.string(), code: z.string() });
export type InvitationCreated = z.infer<typeof InvitationCreated>;

/** The code of a link -> a guest's token. */
export const GuestSessionCreate = z.strictObject({
  code: z.string().regex(/^[0-9A-Za-z]{20,40}$/),
  /** The token this browser had as a guest before, if any: it stays the same guest. */
  again: z.string().max(100).optional(),
});
export type GuestSessionCreate = z.infer<typeof GuestSessionCreate>;

export const GuestSession = z.object({ token: z.string(), name: Name, path: z.string(), until: Instant });
export type GuestSession = z.infer<typeof GuestSession>;
