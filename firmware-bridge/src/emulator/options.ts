import * as z from 'zod';

/** Which way a byte goes: from this program to the board, or back. */
export const lineDirection = z.enum(['to-board', 'to-host']);
export type LineDirection = z.infer<typeof lineDirection>;

/** One thing that goes wrong once, at the byte with this number (from 0) since the board got its power. */
export const lineFault = z.strictObject({
  direction: lineDirection,
  byte: z.int().min(0),
  does: z.union([z.enum(['drop', 'unplug', 'hang']), z.strictObject({ flipBit: z.int().min(0).max(7) })]),
});
export type LineFault = z.infer<typeof lineFault>;

/** Things that go wrong by chance: the same seed breaks the same bytes. Rates are per million bytes of either direction. */
export const lineNoise = z.strictObject({
  seed: z.int().min(0),
  dropPerMillion: z.number().min(0).max(1e6).default(0),
  flipPerMillion: z.number().min(0).max(1e6).default(0),
});
export type LineNoise = z.infer<typeof lineNoise>;

/**
 * How an emulated board behaves. It is a board to try things with, also bad days: everything here is a feature of the shipped
 * emulator (`emulator:pico`), for tests and for people who want to see what the lab does when a board fails.
 */
export const boardOptions = z.strictObject({
  /** Which of the board's serial lines the port leads to. A board that restarts leaves USB and comes back: the port closes, open it again. */
  line: z.enum(['uart', 'usb']).default('uart'),
  /** Cycles of the board between two bytes to it: 10 bits at 921,600 baud and 125 MHz; USB has its own speed. Sleeping through them costs nothing. */
  cyclesPerByte: z.int().min(10).default(1356),
  /** Highest speed of the processor, in million cycles per second on the wall; absent: as fast as this machine goes. */
  megahertz: z.number().positive().optional(),
  /** False: every instruction by rp2040js' interpreter, several times slower. Nothing else differs, not by one cycle; for comparison. */
  translate: z.boolean().default(true),
  /** Stop in the middle of something: listed faults happen once each. */
  faults: z.array(lineFault).default([]),
  noise: lineNoise.optional(),
});
export type BoardOptions = z.infer<typeof boardOptions>;
