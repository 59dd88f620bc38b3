import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { sourcesHash } from '../firmware/build/sources.mjs';
import { firmwareImages, readFirmware } from './firmware-images.js';

const { sources, images } = firmwareImages();

describe('prebuilt firmware', () => {
  it('was built from the sources that are here: after a change run `node firmware-bridge/firmware/build.mjs`', () => {
    expect(sources).toBe(sourcesHash());
  });

  it.each(images)(
    'has the listed image for $board, which fits a flash page or two',
    ({ board, sha256, bytes, sizes }) => {
      const image = readFirmware(board);
      expect(createHash('sha256').update(image).digest('hex')).toBe(sha256);
      expect(image.length).toBe(bytes);
      expect(bytes).toBeLessThan(64 * 1024);
      // Nothing to copy at a start, so one can be repeated without the image.
      expect(sizes.data).toBe(0);
    },
  );

  it('starts with a stack pointer and a Thumb address inside the image', () => {
    for (const { board, loadAt, bytes } of images) {
      const image = readFirmware(board);
      const [stack, reset] = new Uint32Array(image.buffer.slice(0, 8));
      expect(stack! >>> 28).toBe(2);
      expect(reset! & 1).toBe(1);
      expect(reset!).toBeGreaterThan(loadAt);
      expect(reset!).toBeLessThan(loadAt + bytes);
    }
  });

  it('packs the same Pico program behind the second boot stage in the UF2 file', () => {
    const file = readFirmware('pico', 'uf2');
    const view = new DataView(file.buffer);
    const flash = new Uint8Array((file.length / 512) * 256);
    for (let at = 0; at < file.length; at += 512) {
      expect([view.getUint32(at, true), view.getUint32(at + 508, true)]).toEqual([0x0a324655, 0x0ab16f30]);
      // RP2040's family, so that no other board's boot loader takes it.
      expect(view.getUint32(at + 28, true)).toBe(0xe48bff56);
      flash.set(file.subarray(at + 32, at + 288), view.getUint32(at + 12, true) - 0x10000000);
    }
    const program = readFirmware('pico');
    expect(Buffer.from(flash.subarray(256, 256 + program.length)).equals(Buffer.from(program))).toBe(true);
    const boot2 = new DataView(flash.buffer);
    expect(boot2.getUint32(248, true)).toBe(program.length);
    expect(boot2.getUint32(252, true)).toBe(bootRomCrc(flash.subarray(0, 252)));
  });

  it('says which boards there are when asked for another', () => {
    expect(() => readFirmware('toaster')).toThrow(expect.objectContaining({ code: 'usage.invalid' }));
    expect(() => readFirmware('stm32f405', 'uf2')).toThrow(expect.objectContaining({ code: 'usage.invalid' }));
  });
});

/** By polynomial division over the message's bits, another way than the build's (RP2040 datasheet 2.8.1.3.1). */
function bootRomCrc(bytes: Uint8Array): number {
  const bits = [...bytes].flatMap((byte) => [7, 6, 5, 4, 3, 2, 1, 0].map((at) => (byte >> at) & 1));
  let remainder = 0xffffffffn;
  for (const bit of bits) {
    const top = (remainder >> 31n) ^ BigInt(bit);
    remainder = ((remainder << 1n) & 0xffffffffn) ^ (top ? 0x04c11db7n : 0n);
  }
  return Number(remainder);
}
