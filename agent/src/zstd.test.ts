import { randomBytes } from 'node:crypto';
import { zstdBound } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { Encoder } from '@toondepauw/node-zstd';
import { inflate } from './zstd.js';

const pack = (data: Uint8Array): Uint8Array => new Encoder(3).encodeSync(Buffer.from(data));
const chunk = 256 * 1024;

describe('zstd', () => {
  it.each([
    ['zeros', new Uint8Array(chunk)],
    ['noise', randomBytes(chunk)],
    ['text', Buffer.from('hilltop '.repeat(9000))],
    ['little', Buffer.from('x')],
    ['nothing', Buffer.alloc(0)],
  ])('[FETCH-4] inflates %s and knows a bound before', (_, data) => {
    const packed = pack(data);
    expect(Buffer.from(inflate(packed, data.length)).equals(Buffer.from(data))).toBe(true);
    expect(zstdBound(packed)!).toBeGreaterThanOrEqual(data.length);
    expect(zstdBound(packed)!).toBeLessThanOrEqual(data.length + 128 * 1024);
  });

  it('[FETCH-4] refuses a bomb without inflating it', () => {
    const bomb = pack(new Uint8Array(64 << 20));
    expect(bomb.length).toBeLessThan(16_384);
    expect(() => inflate(bomb, chunk)).toThrow(expect.objectContaining({ code: 'artifact.corrupt' }));
  });

  it('[FETCH-4] refuses another length, two frames, and what is no frame', () => {
    const frame = pack(Buffer.from('abc'));
    for (const [bytes, length] of [
      [frame, 4],
      [Buffer.concat([frame, frame]), 6],
      [frame.subarray(0, frame.length - 1), 3],
      [Buffer.from('hello, world'), 12],
    ] as const) {
      expect(() => inflate(bytes, length)).toThrow(expect.objectContaining({ code: 'artifact.corrupt' }));
    }
  });
});
