import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Lpm01aEvent, Lpm01aParser, lpm01aBinaryValue, parseLpm01aLine } from './lpm01a-format.js';
import { binaryBytes, decimalText } from './simulated/lpm01a.js';

/** Captured from a session as MLPerf Tiny drives it. */
const captured = `PowerShield > ack htc\r
ack freq 1k\r
ack start\r
TimeStamp: 000s 001ms, buff 00%\r
4213-08\r
4198-08\r
event 1 fal\r
4207-08\r
TimeStamp: 001s 000ms, buff 01%\r
end\r
`;
const eventsOf = (format: 'ascii' | 'binary', pieces: readonly Uint8Array[]): Lpm01aEvent[] => {
  const events: Lpm01aEvent[] = [];
  const parser = new Lpm01aParser(format, (event) => events.push(event));
  for (const piece of pieces) parser.push(piece);
  return events;
};
const cut = (bytes: Buffer, sizes: readonly number[]): Buffer[] => {
  const out: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    out.push(bytes.subarray(at, at + sizes[i % sizes.length]!));
    at += sizes[i % sizes.length]!;
  }
  return out;
};
const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 });

const textEvents: Lpm01aEvent[] = [
  { kind: 'ack', command: 'htc' },
  { kind: 'ack', command: 'freq 1k' },
  { kind: 'ack', command: 'start' },
  { kind: 'timestamp', ms: 1, bufferPercent: 0 },
  { kind: 'sample', value: 42.13e-6 },
  { kind: 'sample', value: 41.98e-6 },
  { kind: 'info', text: 'event 1 fal' },
  { kind: 'sample', value: 42.07e-6 },
  { kind: 'timestamp', ms: 1000, bufferPercent: 1 },
  { kind: 'end' },
];

describe('what an LPM01A says', () => {
  it('[METER-8] a session in text, in pieces of any size', () => {
    fc.assert(
      fc.property(sizes, (by) => {
        expect(eventsOf('ascii', cut(Buffer.from(captured, 'latin1'), by))).toEqual(textEvents);
      }),
    );
  });

  it('[METER-8] 0x52A0 is 640.869 uA, and 6409-07 is 640.9 uA', () => {
    expect(lpm01aBinaryValue(0x52a0) * 1e6).toBeCloseTo(640.869, 3);
    expect(parseLpm01aLine('6409-07')).toEqual({ kind: 'sample', value: 640.9e-6 });
  });

  it('[METER-8] a session in binary, its metadata between the samples, in pieces of any size', () => {
    const bytes = Buffer.concat([
      Buffer.from('PowerShield > ack start\r\n\r\nPowerShield > ', 'latin1'),
      Buffer.from('f0f300000001 00ffff 52a0 52a1'.replaceAll(' ', ''), 'hex'),
      Buffer.from('f0f70ce4ffff 52a2 f0f5ffff f0f6ffff'.replaceAll(' ', ''), 'hex'),
      Buffer.concat([Buffer.of(0xf0, 0xf2), Buffer.from('hello'), Buffer.of(0xff, 0xff)]),
      Buffer.concat([Buffer.of(0xf0, 0xf1), Buffer.from('bad'), Buffer.of(0xff, 0xff)]),
      Buffer.from('f0f3000003e864ffff 52a3 f0f4ffff'.replaceAll(' ', ''), 'hex'),
      Buffer.from('ack stop\r\n', 'latin1'),
    ]);
    const value = (word: number): Lpm01aEvent => ({ kind: 'sample', value: lpm01aBinaryValue(word) });
    fc.assert(
      fc.property(sizes, (by) => {
        expect(eventsOf('binary', cut(bytes, by))).toEqual([
          { kind: 'ack', command: 'start' },
          { kind: 'timestamp', ms: 1, bufferPercent: 0 },
          value(0x52a0),
          value(0x52a1),
          { kind: 'voltage', millivolts: 3300 },
          value(0x52a2),
          { kind: 'overcurrent' },
          { kind: 'power-down' },
          { kind: 'info', text: 'hello' },
          { kind: 'error', text: 'bad' },
          { kind: 'timestamp', ms: 1000, bufferPercent: 100 },
          value(0x52a3),
          { kind: 'end' },
          { kind: 'ack', command: 'stop' },
        ]);
      }),
    );
  });

  it('[METER-8] takes noise for noise, and keeps no more of it than a line', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 2000 }), (noise) => {
        for (const format of ['ascii', 'binary'] as const)
          for (const event of eventsOf(format, [Buffer.from('ack start\n'), noise]))
            if (event.kind === 'sample') expect(Number.isFinite(event.value)).toBe(true);
      }),
    );
  });

  it('[METER-17] the simulator writes values so that they are read again', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 0.05, noNaN: true }), (value) => {
        const text = parseLpm01aLine(decimalText(value));
        expect(text).toMatchObject({ kind: 'sample' });
        expect(Math.abs((text as { value: number }).value / value - 1)).toBeLessThan(0.0006);
        const word = binaryBytes(value).readUInt16BE();
        expect(Math.abs(lpm01aBinaryValue(word) / value - 1)).toBeLessThan(0.002);
      }),
    );
    expect(decimalText(42.13e-6)).toBe('4213-08');
  });
});
