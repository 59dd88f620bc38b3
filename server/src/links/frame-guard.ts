import type { Duplex } from 'node:stream';

/**
 * Counts MQTT frames by their fixed headers alone: one byte, then the remaining length in 1 to 4 bytes of 7 bits
 * (MQTT 3.1.1, 2.2.3). `feed` answers false as soon as a header announces more than `limit` bytes, or is malformed.
 */
export class FrameCounter {
  #state: 'type' | 'length' | 'body' = 'type';
  #remaining = 0;
  #shift = 0;
  #header = 0;

  constructor(public limit: number) {}

  feed(chunk: Uint8Array): boolean {
    let at = 0;
    while (at < chunk.length) {
      if (this.#state === 'body') {
        const step = Math.min(this.#remaining, chunk.length - at);
        this.#remaining -= step;
        at += step;
        if (this.#remaining === 0) this.#state = 'type';
      } else if (!this.#headerByte(chunk[at++]!)) return false;
    }
    return true;
  }

  #headerByte(byte: number): boolean {
    if (this.#state === 'type') {
      this.#state = 'length';
      this.#remaining = 0;
      this.#shift = 0;
      this.#header = 1;
      return true;
    }
    this.#header += 1;
    this.#remaining += (byte & 0x7f) * 2 ** this.#shift;
    this.#shift += 7;
    if (byte & 0x80) return this.#shift < 28;
    if (this.#header + this.#remaining > this.limit) return false;
    this.#state = this.#remaining === 0 ? 'type' : 'body';
    return true;
  }
}

/**
 * Stands before the broker, which has no limit of its own and would hold 256 MB of one unfinished packet: everything
 * read from `stream` is counted, and the stream is destroyed at the first frame over the limit.
 */
export function guardFrames(stream: Duplex, limit: number, onExcess: () => void): FrameCounter {
  const counter = new FrameCounter(limit);
  const read = stream.read.bind(stream);
  stream.read = (size?: number) => {
    const chunk: unknown = read(size);
    if (!(chunk instanceof Uint8Array) || counter.feed(chunk)) return chunk;
    onExcess();
    stream.destroy();
    return null;
  };
  return counter;
}
