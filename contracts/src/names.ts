import * as z from 'zod';

/** SHA-256 as 64 lower-case hex digits: the name of every blob. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits');
export type Sha256 = z.infer<typeof Sha256>;

/** Server-made id: a short prefix of its noun and 16 base-32 characters of a random number, e.g. `run_7k2…`. */
export const Id = z.string().regex(/^[a-z]{2,5}_[0-9a-z]{8,32}$/, 'must be an id such as run_7k2m4q9x');
export type Id = z.infer<typeof Id>;

/** An agent's id: MQTT client id, user name and topic level at once, so its letters need no escaping anywhere. */
export const AgentId = z.string().regex(/^[a-z0-9-]{3,64}$/, 'must be 3 to 64 of a-z, 0-9 and -');
export type AgentId = z.infer<typeof AgentId>;

/** Name a person gives. No control characters, no leading punctuation: safe in logs, file names and terminals. */
export const Name = z
  .string()
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N} ._+-]{0,99}$/u,
    'must start with a letter or digit; then letters, digits, blank and ._+- (at most 100)',
  );
export type Name = z.infer<typeof Name>;

/** `key=value` facts on a device; a selector is a set of them that must all match. */
export const Labels = z.record(
  z.string().regex(/^[a-z][a-z0-9._-]{0,62}$/),
  z.string().regex(/^[\p{L}\p{N} ._:+/-]{0,100}$/u),
);
export type Labels = z.infer<typeof Labels>;

/** UTC instant, for display only: order comes from sequence numbers and revisions. */
export const Instant = z.iso.datetime();
export type Instant = z.infer<typeof Instant>;

/** A page of a list. `next` is absent on the last page. */
export const pageOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), next: z.string().optional() });

/** Query of every list. */
export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
});
export type PageQuery = z.infer<typeof PageQuery>;
