/**
 * What an X-NUCLEO-LPM01A says. Commands and their answers are lines; samples are lines too, or two bytes each, as it was told.
 * Units: A, or J an interval with `output energy`.
 */
export type Lpm01aEvent =
  | { readonly kind: 'sample'; readonly value: number }
  /** Time since the start of the acquisition by its own clock, and how full its buffer is. */
  | { readonly kind: 'timestamp'; readonly ms: number; readonly bufferPercent: number }
  | { readonly kind: 'ack'; readonly command: string }
  | { readonly kind: 'error'; readonly text: string }
  | { readonly kind: 'info'; readonly text: string }
  | { readonly kind: 'voltage'; readonly millivolts: number }
  | { readonly kind: 'overcurrent' }
  | { readonly kind: 'power-down' }
  | { readonly kind: 'end' };

const prompt = 'PowerShield > ';

/** One line without its end; undefined where there is nothing in it. `6409-07` is 6409e-7. */
export function parseLpm01aLine(line: string): Lpm01aEvent | undefined {
  let text = line.trim();
  while (text.startsWith(prompt.trim())) text = text.slice(prompt.trim().length).trim();
  if (text === '') return undefined;
  const sample = /^(\d+)([+-]\d+)$/.exec(text);
  if (sample) return { kind: 'sample', value: Number(`${sample[1]}e${sample[2]}`) };
  const stamp = /^TimeStamp: *(\d+)s *(\d+)ms(?:, *buff *(\d+)%)?/i.exec(text);
  if (stamp)
    return {
      kind: 'timestamp',
      ms: Number(stamp[1]) * 1000 + Number(stamp[2]),
      bufferPercent: Number(stamp[3] ?? 0),
    };
  if (/^ack\b/i.test(text)) return { kind: 'ack', command: text.slice(3).trim() };
  if (/^end$/i.test(text)) return { kind: 'end' };
  if (/over-?current/i.test(text)) return { kind: 'overcurrent' };
  if (/power(?:ed)? ?-?down/i.test(text)) return { kind: 'power-down' };
  if (/^err/i.test(text)) return { kind: 'error', text };
  return { kind: 'info', text };
}

/** Two bytes, big-endian: four bits e, twelve bits m; m * 16^-e. 0x52A0 is 640.869e-6. */
export const lpm01aBinaryValue = (word: number): number => (word & 0xfff) * 16 ** -(word >>> 12);

const metadata = 0xf0;
const terminator = 0xff;
const newline = 0x0a;
/** Bytes of a metadata block behind its two head bytes and before its two end bytes; undefined: text, up to them. */
const bodyBytes: Readonly<Record<number, number | undefined>> = { 243: 5, 244: 0, 245: 0, 246: 0, 247: 2 };
/** More than any line or text of it. */
const mostBytes = 512;

/** Bytes in pieces of any size to events. Binary samples come between the `ack start` and the end of an acquisition. */
export class Lpm01aParser {
  private rest = Buffer.alloc(0);
  private binary = false;
  /** Line ends and a prompt may stand between the answer to `start` and the first sample. */
  private begun = false;

  constructor(
    private readonly format: 'ascii' | 'binary',
    private readonly onEvent: (event: Lpm01aEvent) => void,
  ) {}

  push(bytes: Uint8Array): void {
    const all = Buffer.concat([this.rest, bytes]);
    let at = 0;
    for (;;) {
      const used = this.binary ? this.takeBinary(all, at) : this.takeLine(all, at);
      if (used === 0) break;
      at += used;
    }
    // Noise without an end is no line.
    this.rest = Buffer.from(all.subarray(all.length - at > mostBytes ? all.length : at));
  }

  /** Bytes used; 0: more are needed. */
  private takeLine(all: Buffer, at: number): number {
    const end = all.indexOf(newline, at);
    if (end < 0) return 0;
    const event = parseLpm01aLine(all.toString('latin1', at, end));
    if (event) this.onEvent(event);
    if (event?.kind === 'ack' && event.command === 'start' && this.format === 'binary') {
      this.binary = true;
      this.begun = false;
    }
    return end + 1 - at;
  }

  private takeBinary(all: Buffer, at: number): number {
    const left = all.length - at;
    if (!this.begun) {
      if (left === 0) return 0;
      if (all[at] === newline || all[at] === 0x0d) return 1;
      const seen = all.toString('latin1', at, at + prompt.length);
      if (seen === prompt) return prompt.length;
      if (prompt.startsWith(seen)) return 0;
      this.begun = true;
    }
    if (left < 2) return 0;
    if (all[at] !== metadata) {
      this.onEvent({ kind: 'sample', value: lpm01aBinaryValue(all.readUInt16BE(at)) });
      return 2;
    }
    const type = all[at + 1]!;
    const fixed = bodyBytes[type];
    const end = fixed === undefined ? textEnd(all, at + 2) : at + 2 + fixed;
    if (end < 0 || end + 2 > all.length) return 0;
    this.onMetadata(type, all, at + 2, end);
    return end + 2 - at;
  }

  private onMetadata(type: number, all: Buffer, at: number, end: number): void {
    if (type === 0xf1) this.onEvent({ kind: 'error', text: all.toString('latin1', at, end).trim() });
    else if (type === 0xf2) this.onEvent({ kind: 'info', text: all.toString('latin1', at, end).trim() });
    else if (type === 0xf3) this.onEvent({ kind: 'timestamp', ms: all.readUInt32BE(at), bufferPercent: all[at + 4]! });
    else if (type === 0xf5) this.onEvent({ kind: 'overcurrent' });
    else if (type === 0xf6) this.onEvent({ kind: 'power-down' });
    else if (type === 0xf7) this.onEvent({ kind: 'voltage', millivolts: all.readUInt16BE(at) });
    else if (type === 0xf4) {
      this.binary = false;
      this.onEvent({ kind: 'end' });
    }
  }
}

/** Where the two end bytes of a text begin; -1: not yet. */
function textEnd(all: Buffer, from: number): number {
  for (let i = from; i + 1 < all.length; i++) if (all[i] === terminator && all[i + 1] === terminator) return i;
  return -1;
}
