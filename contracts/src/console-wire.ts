import * as z from 'zod';
import { ConsoleInputText, ConsoleKey } from './console.js';
import { Id } from './names.js';

/** Text or a key for a board. At most once: it is never sent again, and what comes late is refused. */
export const ConsoleTyped = z.object({
  deviceId: Id,
  deviceKey: z.string().max(64),
  /** Of the line in the lab's transcript: names it in the answer, and tells a repetition. */
  order: z.number().int().min(0),
  text: ConsoleInputText.optional(),
  key: ConsoleKey.optional(),
  /** How long it may wait for the board, from receipt. */
  ttlMs: z.number().int().min(1),
  /** When the lab sent it, by its clock: what was much longer on its way than others is late. */
  sentAtMs: z.number(),
});
export type ConsoleTyped = z.infer<typeof ConsoleTyped>;

/** What became of it. */
export const ConsoleDone = z.object({
  deviceId: Id,
  order: z.number().int().min(0),
  outcome: z.enum(['written', 'refused']),
  code: z.string().max(60).optional(),
});
export type ConsoleDone = z.infer<typeof ConsoleDone>;
