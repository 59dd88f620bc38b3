import { crc16 } from './crc16.js';
import { continueMarker, startMarker } from './frame.js';

/**
 *   bytes ──> text ──(06 09 | 04 14)──> line ──(\n)──> packet? ──(length reached, CRC right)──> packet
 *               ^                        │  │
 *               └── a byte not of base64 ┘  └── a new marker: what was begun is cut
 *
 * Whatever is not a packet is either text (log lines, prompts: for the console) or discarded with a reason: nothing is lost in
 * silence, and after any damage the next start marker is a fresh start.
 */
export type FrameEvent =
  | { readonly kind: 'packet'; readonly bytes: Uint8Array }
  | { readonly kind: 'text'; readonly bytes: Uint8Array }
  | { readonly kind: 'discarded'; readonly reason: DiscardReason; readonly bytes: number };

export const discardReasons = [
  /** A line was cut by the marker of another. */
  'cut',
  /** A line with something else than canonical base64. */
  'not-base64',
  'line-too-long',
  /** A packet was followed by the start of another before its length was reached. */
  'incomplete',
  /** A continuation of nothing. */
  'orphan',
  /** Its stated length is impossible, or larger than what is agreed. */
  'bad-length',
  /** More bytes than its stated length. */
  'overrun',
  'bad-crc',
] as const;
export type DiscardReason = (typeof discardReasons)[number];

export interface FrameLimits {
  /** Longest packet without length and CRC; a longer one is discarded at its first line. */
  readonly packetBytes?: number;
  /** Longest base64 of a line: servers may use longer lines than ours. */
  readonly lineChars?: number;
}

/** What a packet has at least: its header. */
const leastPacketBytes = 8;
const newline = 0x0a;
const carriageReturn = 0x0d;

/** Takes bytes as they come, in pieces of any size, and gives what is in them; pure but for its own buffer, which is bounded. */
export class FrameParser {
  private readonly packetBytes: number;
  private readonly lineChars: number;
  /** First byte of a marker whose second has not come yet. */
  private pending: number | undefined;
  private line: { readonly start: boolean; readonly chars: number[] } | undefined;
  private packet: { readonly total: number; bytes: number[]; raw: number } | undefined;
  private text: number[] = [];
  private events: FrameEvent[] = [];

  constructor(limits: FrameLimits = {}) {
    this.packetBytes = limits.packetBytes ?? 65_533;
    this.lineChars = limits.lineChars ?? 1024;
  }

  push(bytes: Uint8Array): FrameEvent[] {
    for (const byte of bytes) this.take(byte);
    this.flushText();
    const events = this.events;
    this.events = [];
    return events;
  }

  private take(byte: number): void {
    const first = this.pending;
    this.pending = undefined;
    if (first !== undefined) {
      if (first === startMarker[0] && byte === startMarker[1]) {
        this.begin(true);
        return;
      }
      if (first === continueMarker[0] && byte === continueMarker[1]) {
        this.begin(false);
        return;
      }
      this.plain(first);
    }
    if (byte === startMarker[0] || byte === continueMarker[0]) this.pending = byte;
    else this.plain(byte);
  }

  private begin(start: boolean): void {
    this.flushText();
    if (this.line) this.dropLine('cut');
    this.line = { start, chars: [] };
  }

  /** A byte that is of no marker. */
  private plain(byte: number): void {
    if (!this.line) {
      this.text.push(byte);
      return;
    }
    const { chars } = this.line;
    // A carriage return is only allowed where a newline follows.
    if (byte === newline) this.endLine();
    else if (chars.at(-1) !== carriageReturn && (byte === carriageReturn || isBase64(byte))) {
      chars.push(byte);
      if (chars.length > this.lineChars) this.dropLine('line-too-long');
    } else {
      this.dropLine('not-base64');
      this.text.push(byte);
    }
  }

  private endLine(): void {
    const { start, chars } = this.line!;
    if (chars.at(-1) === carriageReturn) chars.pop();
    const raw = decodeBase64(chars);
    if (!raw) {
      this.dropLine('not-base64');
      return;
    }
    this.line = undefined;
    if (start) {
      this.dropPacket('incomplete');
      const total = raw.length < 2 ? 0 : (raw[0]! << 8) | raw[1]!;
      if (total < leastPacketBytes + 2 || total - 2 > this.packetBytes) {
        this.discard('bad-length', raw.length);
        return;
      }
      this.packet = { total, bytes: [...raw.subarray(2)], raw: raw.length };
    } else {
      if (!this.packet) {
        this.discard('orphan', raw.length);
        return;
      }
      this.packet.bytes.push(...raw);
      this.packet.raw += raw.length;
    }
    const { total, bytes } = this.packet;
    if (bytes.length < total) return;
    if (bytes.length > total) {
      this.dropPacket('overrun');
      return;
    }
    const whole = Uint8Array.from(bytes);
    if (crc16(whole) !== 0) {
      this.dropPacket('bad-crc');
      return;
    }
    this.packet = undefined;
    this.events.push({ kind: 'packet', bytes: whole.subarray(0, total - 2) });
  }

  /** A line that is no good takes its packet with it. */
  private dropLine(reason: DiscardReason): void {
    const bytes = this.line!.chars.length;
    this.line = undefined;
    this.discard(reason, bytes + 2);
    this.dropPacket('incomplete');
  }

  private dropPacket(reason: DiscardReason): void {
    if (this.packet) this.discard(reason, this.packet.raw);
    this.packet = undefined;
  }

  private discard(reason: DiscardReason, bytes: number): void {
    this.events.push({ kind: 'discarded', reason, bytes });
  }

  private flushText(): void {
    if (this.text.length > 0) this.events.push({ kind: 'text', bytes: Uint8Array.from(this.text) });
    this.text = [];
  }
}

function isBase64(byte: number): boolean {
  return (
    (byte >= 0x41 && byte <= 0x5a) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x2b ||
    byte === 0x2f ||
    byte === 0x3d
  );
}

/** Canonical only: a flipped bit in the padding is damage too, though it would not change the bytes. */
function decodeBase64(chars: readonly number[]): Uint8Array | undefined {
  const text = String.fromCharCode(...chars);
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
