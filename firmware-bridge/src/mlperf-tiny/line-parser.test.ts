import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type TinyLine, TinyLineParser } from './line-parser.js';

/** Many more by hand: HILLTOP_FUZZ=200000. */
const runs = Number(process.env.HILLTOP_FUZZ ?? 5000);
const ascii = (text: string): Uint8Array => Buffer.from(text, 'latin1');

function parse(bytes: Uint8Array, pieces = Math.max(bytes.length, 1), limit?: number): TinyLine[] {
  const parser = new TinyLineParser(limit);
  const lines: TinyLine[] = [];
  for (let at = 0; at < bytes.length; at += pieces) lines.push(...parser.push(bytes.subarray(at, at + pieces)));
  return lines;
}

describe('TinyLineParser', () => {
  it.each([1, 2, 5, 1000])(
    'knows messages, errors, the end of an answer and everything else, in pieces of %d',
    (pieces) => {
      expect(
        parse(
          ascii(
            'm-timestamp-mode-performance\r\nm-lap-us-7\r\n\r\nm-init-done\r\nm-ready\r\ne-[Unknown command: x]\r\n' +
              'Supplied buffer size exceeds maximum\n[dut]: m-name-dut-[v]\r\n[dut]: m-ready\r\nm-read',
          ),
          pieces,
        ),
      ).toEqual([
        { kind: 'message', text: 'timestamp-mode-performance' },
        { kind: 'message', text: 'lap-us-7' },
        { kind: 'message', text: 'init-done' },
        { kind: 'ready' },
        { kind: 'error', text: 'Unknown command: x' },
        { kind: 'text', text: 'Supplied buffer size exceeds maximum' },
        { kind: 'message', text: 'name-dut-[v]' },
        { kind: 'ready' },
      ]);
    },
  );

  it('keeps what has begun, and counts what is too long', () => {
    const parser = new TinyLineParser(10);
    expect(parser.push(ascii('0123456789ab'))).toEqual([]);
    expect(parser.begun()).toBe('0123456789');
    expect(parser.push(ascii('c\nm-ready\n'))).toEqual([{ kind: 'discarded', bytes: 13 }, { kind: 'ready' }]);
  });

  it(`loses nothing of any noise, in any pieces: ${runs} cases`, () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc
        .constantFrom('m-', 'e-', 'm-ready\r\n', '\r\n', '\n', '\r', '[dut]: ', '[', ']', 'm-results-[0.1,0.2]\r\n')
        .map(ascii),
    );
    fc.assert(
      fc.property(fc.array(noise, { maxLength: 20 }), fc.integer({ min: 1, max: 50 }), (parts, pieces) => {
        const bytes = Buffer.concat([...parts, ascii('\nm-ready\n')]);
        const lines = parse(bytes, pieces, 64);
        expect(lines).toEqual(parse(bytes, bytes.length, 64));
        expect(lines.at(-1)).toEqual({ kind: 'ready' });
        const printable = bytes
          .toString('latin1')
          .split('\n')
          .filter((line) => line.replace(/\r+$/, '').replace(/^\[dut\]: ?/, '') !== '');
        expect(lines.length).toBe(
          printable.filter((line) => line.length <= 64).length + lines.filter((l) => l.kind === 'discarded').length,
        );
      }),
      { numRuns: runs },
    );
  });
});
