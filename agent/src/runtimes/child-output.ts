import { writeSync } from 'node:fs';
import { type ChildEvent, frameHeaderBytes, frameType, resultFd } from './child-wire.js';

/** Rows go out when so many are there or so much time has passed: one write, between two inferences. */
export const ringRows = 4096;
export const flushMs = 200;

/** Rows on their way out; allocated once, so that the measuring loop allocates nothing for them. */
export class Ring {
  private readonly frame = Buffer.alloc(frameHeaderBytes + ringRows * 8);
  readonly rows = new Float64Array(this.frame.buffer, this.frame.byteOffset + frameHeaderBytes, ringRows).fill(1);
  count = 0;
  private flushedAt = 0;

  push(row: number, now: number, type: number): void {
    this.rows[this.count++] = row;
    if (this.count === ringRows || now - this.flushedAt >= flushMs) this.flush(type, now);
  }

  flush(type: number, now: number): void {
    this.flushedAt = now;
    if (this.count === 0) return;
    this.frame.writeUInt32LE(type, 0);
    this.frame.writeUInt32LE(this.count * 8, 4);
    writeAll(this.frame, frameHeaderBytes + this.count * 8);
    this.count = 0;
  }
}

/** Writes the first `length` bytes to the agent. */
export function writeAll(bytes: Uint8Array, length: number): void {
  for (let at = 0; at < length; ) at += writeSync(resultFd, bytes, at, length - at);
}

/** Tells the agent what happened. */
export function send(event: ChildEvent): void {
  const json = Buffer.from(JSON.stringify(event));
  const head = Buffer.alloc(frameHeaderBytes);
  head.writeUInt32LE(frameType.event, 0);
  head.writeUInt32LE(json.length, 4);
  writeAll(Buffer.concat([head, json]), frameHeaderBytes + json.length);
}
