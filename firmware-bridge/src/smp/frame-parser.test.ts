import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeFrame } from './frame.js';
import { type FrameEvent, FrameParser } from './frame-parser.js';
import { decodePacket, encodePacket } from './packet.js';

const ascii = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const join = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);
const packetOf = (length: number, seed = 1): Uint8Array =>
  encodePacket({
    version: 2,
    operation: 3,
    group: 64,
    command: 1,
    sequence: seed & 0xff,
    payload: Uint8Array.from({ length: length - 8 }, (_, i) => i * 31 + seed),
  });

function parse(bytes: Uint8Array, pieces = bytes.length): FrameEvent[] {
  const parser = new FrameParser();
  const events: FrameEvent[] = [];
  for (let at = 0; at < bytes.length; at += pieces) events.push(...parser.push(bytes.subarray(at, at + pieces)));
  return events;
}
const packets = (events: readonly FrameEvent[]): string[] =>
  events.flatMap((e) => (e.kind === 'packet' ? [Buffer.from(e.bytes).toString('hex')] : []));
const text = (events: readonly FrameEvent[]): string =>
  events.flatMap((e) => (e.kind === 'text' ? [Buffer.from(e.bytes).toString('latin1')] : [])).join('');
const reasons = (events: readonly FrameEvent[]): string[] =>
  events.flatMap((e) => (e.kind === 'discarded' ? [e.reason] : []));
/** Many more by hand: HILLTOP_FUZZ=200000. */
const runs = Number(process.env.HILLTOP_FUZZ ?? 5000);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('FrameParser', () => {
  // Answers of real servers, as Zephyr 4.4 and MCUboot write them (indefinite maps); framed with Python's base64 and crc_hqx.
  it.each([
    ['AB4LAAAUAAABAL9hcm9oZWxsbyBmcm9tIG5vZGX/GDM=', '0b00001400000100bf61726f68656c6c6f2066726f6d206e6f6465ff'],
    ['ABcLAAANAAEBAb9icmMAY29mZhkDuP90mg==', '0b00000d00010101bf62726300636f66661903b8ff'],
  ])('takes an answer by its bytes', (base64, packet) => {
    expect(packets(parse(ascii(`\x06\x09${base64}\n`)))).toEqual([packet]);
    expect(packets(parse(ascii(`\x06\x09${base64}\r\n`), 1))).toEqual([packet]);
  });

  it.each([1, 2, 3, 7, 92, 127, 128, 5000])('takes packets of every length in pieces of %d bytes', (pieces) => {
    const all = Array.from({ length: 300 }, (_, i) => packetOf(8 + i, i));
    expect(packets(parse(join(...all.map(encodeFrame)), pieces))).toEqual(all.map(hex));
  });

  it('hands on log lines before, between, and in front of frames on one line', () => {
    const events = parse(
      join(
        ascii('boot\r\n'),
        encodeFrame(packetOf(20)),
        ascii('[00:01] uart:~$ '),
        encodeFrame(packetOf(300)),
        ascii('end\n'),
      ),
    );
    expect(packets(events)).toEqual([hex(packetOf(20)), hex(packetOf(300))]);
    expect(text(events)).toBe('boot\r\n[00:01] uart:~$ end\n');
    expect(reasons(events)).toEqual([]);
  });

  it('takes a log line between the lines of one packet', () => {
    const lines = Buffer.from(encodeFrame(packetOf(300)))
      .toString('latin1')
      .split(/(?<=\n)/);
    const events = parse(ascii(lines.join('<wrn> log\n')));
    expect(packets(events)).toEqual([hex(packetOf(300))]);
    expect(text(events)).toBe('<wrn> log\n'.repeat(lines.length - 1));
  });

  it.each<[string, Uint8Array]>([
    ['cut', encodeFrame(packetOf(20)).subarray(0, 15)],
    ['not-base64', ascii('\x06\x09AB4L*rest of it\n')],
    ['not-base64', ascii('\x06\x09AB4\n')],
    ['not-base64', ascii('\x06\x09AB4LAAAUAAABAL9hcm9oZWxsbyBmcm9tIG5vZGX/GDN=\n')],
    ['line-too-long', ascii(`\x06\x09${'A'.repeat(2000)}\n`)],
    ['incomplete', encodeFrame(packetOf(300)).subarray(0, 127)],
    ['orphan', encodeFrame(packetOf(300)).subarray(127)],
    ['bad-length', ascii('\x06\x09AAAA\n')],
    ['bad-length', ascii('\x06\x09\n')],
    ['overrun', ascii('\x06\x09AAsIAAABAAABBqBEIwAA\n')],
    ['bad-crc', ascii('\x06\x09AAsIAAABAAABBqBEJA==\n')],
  ])('discards with the reason %s, and takes the next frame', (reason, damage) => {
    const events = parse(join(damage, encodeFrame(packetOf(40))));
    expect(reasons(events)).toContain(reason);
    expect(packets(events)).toEqual([hex(packetOf(40))]);
  });

  it('discards what says it is longer than was agreed, at its first line', () => {
    const parser = new FrameParser({ packetBytes: 100 });
    expect(reasons(parser.push(encodeFrame(packetOf(101)).subarray(0, 127)))).toEqual(['bad-length']);
    expect(packets(parser.push(encodeFrame(packetOf(100))))).toEqual([hex(packetOf(100))]);
  });

  it.each([8, 20, 89, 90, 91, 180, 300])('catches every single flipped bit of a frame of %d bytes', (length) => {
    const packet = packetOf(length);
    const frame = encodeFrame(packet);
    const next = packetOf(12, 99);
    for (let bit = 0; bit < frame.length * 8; bit++) {
      const damaged = frame.slice();
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      // A newline first, as the retry sends it; then the next frame must come through.
      const events = parse(join(damaged, ascii('\n'), encodeFrame(next)));
      const whole = packets(events).filter((p) => {
        try {
          decodePacket(Buffer.from(p, 'hex'));
          return true;
        } catch {
          return false;
        }
      });
      expect({ bit, whole }).toEqual({ bit, whole: [hex(next)] });
    }
  });

  const plainText = fc.string({ maxLength: 40 }).map((t) => ascii(t.replace(/[^\x20-\x7e]/g, '.')));

  it(`takes every packet and every character of a log between whole frames: ${runs / 5} cases`, () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(plainText, fc.integer({ min: 8, max: 260 })), { maxLength: 8 }),
        fc.integer({ min: 1, max: 64 }),
        (parts, pieces) => {
          const events = parse(join(...parts.flatMap(([log, n]) => [log, encodeFrame(packetOf(n, n))])), pieces);
          expect(packets(events)).toEqual(parts.map(([, n]) => hex(packetOf(n, n))));
          expect(text(events)).toBe(parts.map(([log]) => Buffer.from(log).toString('latin1')).join(''));
          expect(reasons(events)).toEqual([]);
        },
      ),
      { numRuns: runs / 5 },
    );
  });

  const framed = new Set(Array.from({ length: 253 }, (_, i) => hex(packetOf(8 + i, 8 + i))));

  it(`survives any noise, in any pieces, with the same result: ${runs} cases`, () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.constantFrom('\x06', '\x06\x09', '\x04\x14', '\n', '\r', '=', 'AAAA', '\x06\x09AB4L', 'log\n').map(ascii),
      fc.integer({ min: 8, max: 260 }).map((n) => encodeFrame(packetOf(n, n))),
      fc
        .tuple(fc.integer({ min: 8, max: 260 }), fc.nat(), fc.nat())
        .map(([n, from, to]) => encodeFrame(packetOf(n, n)).slice(from % 50, 400 - (to % 300))),
    );
    fc.assert(
      fc.property(fc.array(noise, { maxLength: 12 }), fc.integer({ min: 1, max: 64 }), (parts, pieces) => {
        const bytes = join(...parts);
        const last = packetOf(33, 7);
        const events = parse(join(bytes, ascii('\n'), encodeFrame(last)), pieces);
        const whole = parse(join(bytes, ascii('\n'), encodeFrame(last)));
        expect([packets(events), text(events), reasons(events)]).toEqual([packets(whole), text(whole), reasons(whole)]);
        // After whatever came, a newline and a frame get through; and what comes out is what somebody framed.
        expect(packets(events).at(-1)).toBe(hex(last));
        for (const packet of packets(events).slice(0, -1)) expect(framed.has(packet)).toBe(true);
      }),
      { numRuns: runs },
    );
  });
});
