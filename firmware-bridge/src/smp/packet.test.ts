import { describe, expect, it } from '@jest/globals';
import { decodePayload, encodePayload, payloadBytes } from './cbor.js';
import { decodePacket, encodePacket } from './packet.js';

const hex = (text: string): Uint8Array => Buffer.from(text, 'hex');

describe('packet', () => {
  it('reads and writes the header', () => {
    const bytes = hex('0a00001300000100a161646f68656c6c6f2066726f6d206e6f6465');
    const packet = decodePacket(bytes);
    expect(packet).toEqual({
      version: 2,
      operation: 2,
      group: 0,
      command: 0,
      sequence: 1,
      payload: bytes.subarray(8),
    });
    expect(Buffer.from(encodePacket(packet)).toString('hex')).toBe(Buffer.from(bytes).toString('hex'));
    expect(decodePacket(hex('0300000000ff0705')).version).toBe(1);
  });

  it.each(['', '0a0000', '0a000000000001', '0a00001300000100a0', '0a00000000000100a0'])(
    'refuses a stated length that is not its own',
    (text) => {
      expect(() => decodePacket(hex(text))).toThrow(expect.objectContaining({ code: 'device.protocol' }));
    },
  );
});

describe('payload', () => {
  it('takes maps of indefinite length, as Zephyr and MCUboot write them', () => {
    expect(decodePayload(hex('bf686275665f73697a65190180696275665f636f756e7404ff'))).toEqual({
      buf_size: 384,
      buf_count: 4,
    });
    expect(decodePayload(hex('bf63657272bf6567726f75700162726316ffff'))).toEqual({ err: { group: 1, rc: 22 } });
  });

  it.each([
    '',
    'a1',
    '80',
    '01',
    'a0a0',
    'a2616101616102',
    'bf',
    'a16161f7',
    'a161615bffffffffffffffff',
    '9bffffffffffffffff',
  ])('refuses %s', (text) => {
    expect(() => decodePayload(hex(text))).toThrow(expect.objectContaining({ code: 'device.protocol' }));
  });

  it('knows its size beforehand', () => {
    for (const length of [0, 1, 23, 24, 255, 256, 70_000])
      expect(payloadBytes({ off: 5, len: 70_000 }, length)).toBe(
        encodePayload({ off: 5, len: 70_000, data: new Uint8Array(length) }).length,
      );
  });
});
