import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { crc16 } from './crc16.js';
import { encodeFrame, lineBytes } from './frame.js';

const ascii = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const hex = (text: string): Uint8Array => Buffer.from(text, 'hex');
const frameText = (packet: Uint8Array): string => Buffer.from(encodeFrame(packet)).toString('latin1');

describe('crc16', () => {
  it('has the check value of CRC-16/XMODEM', () => {
    expect(crc16(ascii('123456789'))).toBe(0x31c3);
    expect(crc16(new Uint8Array())).toBe(0);
  });
});

describe('encodeFrame', () => {
  // Computed with Python's struct, base64 and binascii.crc_hqx.
  it.each([
    ['0a00001300000100a161646f68656c6c6f2066726f6d206e6f6465', 'AB0KAAATAAABAKFhZG9oZWxsbyBmcm9tIG5vZGUBYw=='],
    ['0800000100000106a0', 'AAsIAAABAAABBqBEIw=='],
  ])('makes one line of a short packet', (packet, base64) => {
    expect(frameText(hex(packet))).toBe(`\x06\x09${base64}\n`);
  });

  it('makes the same bytes as an independent encoder, for every length up to 400', () => {
    const all = createHash('sha256');
    for (let length = 1; length <= 400; length++)
      all.update(encodeFrame(Uint8Array.from({ length }, (_, i) => i * 7 + length)));
    expect(all.digest('hex')).toBe('56e1c633ee3819aaf06342628cbebfaa86a950b97936c7c9bbd8490a459a24f2');
  });

  it('has no line longer than 127 bytes, and none that begins with the CRC', () => {
    for (let length = 1; length <= 400; length++) {
      const lines = frameText(new Uint8Array(length)).split('\n').slice(0, -1);
      expect(Math.max(...lines.map((line) => line.length + 1))).toBeLessThanOrEqual(lineBytes);
      expect(Buffer.from(lines.at(-1)!.slice(2), 'base64').length).toBeGreaterThan(2);
      expect(lines.map((line) => line.slice(0, 2))).toEqual(['\x06\x09', ...lines.slice(1).map(() => '\x04\x14')]);
    }
  });

  it('refuses what the length field cannot say', () => {
    expect(() => encodeFrame(new Uint8Array())).toThrow(RangeError);
    expect(() => encodeFrame(new Uint8Array(65_534))).toThrow(RangeError);
    expect(encodeFrame(new Uint8Array(65_533)).length).toBeGreaterThan(65_533);
  });
});
