import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { encodeUf2, uf2Families } from '../flash/uf2.js';
import { readPicoImage } from './image.js';
import { echoImage } from './testing/echo-image.js';

const prebuilt = (name: string): Promise<Uint8Array> =>
  readFile(new URL(`../../firmware/prebuilt/${name}`, import.meta.url));

describe('readPicoImage', () => {
  it('knows a binary for SRAM by its vectors', () => {
    expect(readPicoImage(echoImage)).toEqual({
      parts: [{ address: 0x2000_0000, bytes: echoImage }],
      vectors: 0x2000_0000,
    });
  });

  it('knows a binary for flash with and without the second boot stage', () => {
    const program = new Uint8Array(64);
    const view = new DataView(program.buffer);
    view.setUint32(0, 0x2004_2000, true);
    view.setUint32(4, 0x1000_0121, true);
    expect(readPicoImage(program)).toEqual({
      parts: [{ address: 0x1000_0100, bytes: program }],
      vectors: 0x1000_0100,
    });
    const flash = new Uint8Array(256 + 64);
    flash.set([0, 0xb5, 0x32, 0x4b]);
    flash.set(program, 256);
    expect(readPicoImage(flash)).toEqual({ parts: [{ address: 0x1000_0000, bytes: flash }], vectors: 0x1000_0100 });
  });

  it('puts a UF2 file together, and starts our own at its second boot stage', async () => {
    const sram = encodeUf2(echoImage, { address: 0x2000_0000, family: uf2Families.rp2040 });
    expect(readPicoImage(sram).vectors).toBe(0x2000_0000);
    const ours = readPicoImage(await prebuilt('pico.uf2'));
    expect(ours.vectors).toBeUndefined();
    expect(ours.parts[0]).toMatchObject({ address: 0x1000_0000 });
  });

  it('refuses what is no program, is too big, or is damaged', () => {
    const uf2 = encodeUf2(echoImage, { address: 0x2000_0000, family: uf2Families.rp2040 });
    const big = new Uint8Array(265 * 1024);
    big.set(echoImage);
    const broken = uf2.slice();
    broken[512] = 0;
    for (const bad of [new Uint8Array(0), new Uint8Array(4096), Uint8Array.of(1, 2, 3), big, uf2.subarray(1), broken])
      expect(() => readPicoImage(bad)).toThrow(expect.objectContaining({ code: 'artifact.corrupt' }));
  });
});
