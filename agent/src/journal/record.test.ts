import { describe, expect, it } from '@jest/globals';
import { encodeRecord, scanSegment } from './record.js';

const payloads = [
  Uint8Array.of(1, 2, 3),
  new Uint8Array(0),
  Uint8Array.from({ length: 40 }, (_, i) => i),
  Uint8Array.of(0x4a, 0x48, 1, 0),
  Uint8Array.of(9),
];
const records = payloads.map((payload, i) => encodeRecord(i + 7, payload));
const segment = Buffer.concat(records);
const ends = records.map((_, i) => Buffer.concat(records.slice(0, i + 1)).length);
/** First byte of the last three records. */
const tailStart = ends[ends.length - 4]!;

describe('journal records', () => {
  it('[JRNL-1] come back as they were written', () => {
    const scan = scanSegment(segment, 7);
    expect(scan.state).toBe('whole');
    expect(scan.end).toBe(segment.length);
    expect(scan.records.map((r) => [r.seq, [...r.payload]])).toEqual(payloads.map((p, i) => [i + 7, [...p]]));
  });

  it('[JRNL-2] a segment cut anywhere in its last three records keeps every whole record before the cut', () => {
    for (let cut = tailStart; cut < segment.length; cut++) {
      const scan = scanSegment(segment.subarray(0, cut), 7);
      const whole = ends.filter((end) => end <= cut).length;
      expect([cut, scan.records.length, scan.state]).toEqual([
        cut,
        whole,
        cut === (ends[whole - 1] ?? 0) ? 'whole' : 'torn',
      ]);
    }
  });

  it('[JRNL-2] a flipped bit in the last record is a torn tail, in an earlier one it is corruption; never a wrong record', () => {
    const lastStart = ends[ends.length - 2]!;
    for (let at = tailStart; at < segment.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const bytes = Buffer.from(segment);
        bytes[at]! ^= 1 << bit;
        const scan = scanSegment(bytes, 7);
        expect([at, bit, scan.state]).toEqual([at, bit, at >= lastStart ? 'torn' : 'corrupt']);
        expect(scan.records.every((r, i) => Buffer.from(r.payload).equals(payloads[i]!))).toBe(true);
      }
    }
  });

  it('[JRNL-2] a record missing from the sequence is corruption', () => {
    expect(scanSegment(Buffer.concat([records[0]!, records[2]!]), 7).state).toBe('corrupt');
  });

  it('never reads beyond what is there, whatever the bytes', () => {
    const noise = Buffer.from(Array.from({ length: 500 }, (_, i) => (i * 7919) % 251));
    expect(scanSegment(noise, 1)).toEqual({ records: [], end: 0, state: 'torn' });
  });
});
