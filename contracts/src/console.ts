import * as z from 'zod';
import { LeaseParty } from './lease.js';
import { Id, Instant } from './names.js';

export const consoleLimits = {
  /** A writer who typed nothing for so long gives way to who asks; one without a connection loses the keyboard. */
  idleMs: 60_000,
  /** Of one message; more is sent in pieces. */
  textCharacters: 1000,
  /** Messages of one person to one device. */
  perSecond: 20,
  /** What could not be written to the board for so long is refused: hardware must not act late. */
  lateMs: 10_000,
  /** What an agent keeps for a board that is being attached again. */
  queuedBytes: 4096,
  /** Newest lines of a transcript that an answer has. */
  shownLines: 1000,
  /** Newest rows of a device's transcript that are stored. */
  keptLines: 5000,
} as const;

/** What is no text: `interrupt` is Ctrl-C, one byte 03; `reset` restarts the board, where it can be. */
export const ConsoleKey = z.enum(['interrupt', 'reset']);
export type ConsoleKey = z.infer<typeof ConsoleKey>;

/** Text that may be typed: no control characters but line feed and tab; SMP's frames begin with some of them. */
export const ConsoleInputText = z
  .string()
  .min(1)
  .max(consoleLimits.textCharacters)
  .refine((text) => !/[^\P{Cc}\n\t]|\p{Cs}/u.test(text), { message: 'control characters are keys, not text' });

/** One message to a board: text or a key. */
export const ConsoleType = z
  .strictObject({ text: ConsoleInputText.optional(), key: ConsoleKey.optional() })
  .refine(({ text, key }) => (text === undefined) !== (key === undefined), { message: 'either text or a key' });
export type ConsoleType = z.infer<typeof ConsoleType>;

/** `sent`: on its way; `written`: the board's line has it; `refused`: it never reached it; `unconfirmed`: nobody knows. */
export const ConsoleOutcome = z.enum(['sent', 'written', 'refused', 'unconfirmed']);
export type ConsoleOutcome = z.infer<typeof ConsoleOutcome>;

/** A piece of a transcript: what was printed, what was typed, who got or lost the keyboard. */
export const ConsoleLine = z.object({
  /** Place in the lab's transcript; absent while it is not stored yet. */
  order: z.number().int().optional(),
  at: Instant,
  kind: z.enum(['out', 'in', 'mark']),
  text: z.string(),
  /** As the lab knows them, never as they say. */
  author: LeaseParty.optional(),
  key: ConsoleKey.optional(),
  outcome: ConsoleOutcome.optional(),
  /** Why it was refused. */
  code: z.string().optional(),
  runId: Id.optional(),
  /** Characters that are missing before it. */
  dropped: z.number().int().optional(),
});
export type ConsoleLine = z.infer<typeof ConsoleLine>;

/** Who has a device's keyboard, who asks for it, how many look on. */
export const ConsoleState = z.object({
  deviceId: Id,
  /** Grows with every change of who writes or asks. */
  revision: z.number().int(),
  /** Of the lease: only they can have or grant the keyboard. */
  holder: LeaseParty.optional(),
  writer: LeaseParty.optional(),
  ask: z
    .object({
      by: LeaseParty,
      at: Instant,
      /** Granted by itself then, unless somebody types before. */
      grantedAt: Instant,
    })
    .optional(),
  /** People, not screens. */
  watchers: z.number().int(),
  /** A run is measured there: typing would disturb it. */
  measuring: Id.optional(),
});
export type ConsoleState = z.infer<typeof ConsoleState>;

export const ConsoleAnswer = z.strictObject({ answer: z.enum(['give', 'no']) });
export type ConsoleAnswer = z.infer<typeof ConsoleAnswer>;

/** `order`: of the line in the transcript, or of the state. */
export const ConsoleReceipt = z.object({ order: z.number().int() });
export type ConsoleReceipt = z.infer<typeof ConsoleReceipt>;

/** The newest of a board's console, or of one run's: what it printed as one text (`dropped` characters came before), and the transcript with what was typed. */
export const ConsoleDocument = z.object({
  text: z.string(),
  dropped: z.number().int().min(0),
  lines: z.array(ConsoleLine),
});
export type ConsoleDocument = z.infer<typeof ConsoleDocument>;

/** Bytes of a key. `reset` has none. */
export const keyBytes = { interrupt: '\u0003' } as const;

/** A line as Enter sends it. Commands of MLPerf Tiny end with `%`, and a line feed would be part of the next one. */
export const enteredLine = (line: string): string => (line.endsWith('%') ? line : `${line}\n`);

/** What was typed, in words. */
export const inputText = ({ key, text }: Pick<ConsoleLine, 'key' | 'text'>): string =>
  key === undefined ? text.replace(/\n$/, '') : key === 'reset' ? '[reset]' : '[Ctrl-C]';

const refusals: Readonly<Record<string, string>> = {
  'console.too-late': 'the board was not attached in time',
  'console.measuring': 'a run began',
  'console.full': 'too much waits for the board',
  'device.offline': 'its agent is away',
  'device.unplugged': 'the board went away',
  'device.refused': 'this board cannot do that',
};

/** What became of it, for people; nothing when it went well. */
export function outcomeText({ outcome, code }: Pick<ConsoleLine, 'outcome' | 'code'>): string | undefined {
  if (outcome === 'refused') return `not typed: ${refusals[code ?? ''] ?? code ?? 'refused'}`;
  return outcome === 'unconfirmed' ? 'nobody knows whether the board got it' : undefined;
}
