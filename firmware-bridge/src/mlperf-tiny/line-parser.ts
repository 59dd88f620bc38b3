/** One line of the MLPerf Tiny text protocol, without its end and without the IO manager's `[dut]: `. */
export type TinyLine =
  /** `m-ready`: the device has done, and listens. */
  | { readonly kind: 'ready' }
  /** `m-...` without the prefix. */
  | { readonly kind: 'message'; readonly text: string }
  /** `e-[...]` without prefix and brackets. */
  | { readonly kind: 'error'; readonly text: string }
  /** Anything else: for the console. Upstream says some of its errors without any prefix. */
  | { readonly kind: 'text'; readonly text: string }
  /** A line without end beyond the limit: its bytes are counted, and dropped. */
  | { readonly kind: 'discarded'; readonly bytes: number };

/** Longest line that is kept: a result vector of some hundred values. */
const defaultLimit = 16_384;

/** Takes bytes as they come, in pieces of any size; keeps the beginning of a line until its end is there. */
export class TinyLineParser {
  private chars: number[] = [];
  private tooLong = 0;

  constructor(private readonly limit = defaultLimit) {}

  push(bytes: Uint8Array): TinyLine[] {
    const lines: TinyLine[] = [];
    for (const byte of bytes) {
      if (byte === 0x0a) {
        const line = this.endLine();
        if (line) lines.push(line);
      } else if (this.chars.length < this.limit) this.chars.push(byte);
      else this.tooLong++;
    }
    return lines;
  }

  /** The line that has begun, for a console that shows prompts; it stays begun. */
  begun(): string {
    return text(this.chars);
  }

  private endLine(): TinyLine | undefined {
    const { chars, tooLong } = this;
    this.chars = [];
    this.tooLong = 0;
    if (tooLong > 0) return { kind: 'discarded', bytes: chars.length + tooLong };
    return tinyLine(text(chars));
  }
}

/** What a line says; undefined for an empty one. */
export function tinyLine(raw: string): TinyLine | undefined {
  const line = raw.replace(/\r+$/, '').replace(/^\[dut\]: ?/, '');
  if (line === '') return undefined;
  if (line === 'm-ready') return { kind: 'ready' };
  if (line.startsWith('m-')) return { kind: 'message', text: line.slice(2) };
  if (line.startsWith('e-')) return { kind: 'error', text: bracketed(line.slice(2)) };
  return { kind: 'text', text: line };
}

/** `[x]` -> `x`; anything else as it is. */
export function bracketed(text: string): string {
  return /^\[(.*)\]$/s.exec(text)?.[1] ?? text;
}

function text(chars: readonly number[]): string {
  return Buffer.from(chars).toString('utf8');
}
