import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { copyUf2 } from './copy-uf2.js';
import { encodeUf2, uf2Families } from './uf2.js';

const made: string[] = [];
afterEach(async () => {
  for (const directory of made.splice(0)) await rm(directory, { recursive: true, force: true });
});
async function volume(info?: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'hilltop-uf2-'));
  made.push(directory);
  if (info !== undefined) await writeFile(join(directory, 'INFO_UF2.TXT'), info);
  return directory;
}
const picoInfo = 'UF2 Bootloader v3.0\r\nModel: Raspberry Pi RP2\r\nBoard-ID: RPI-RP2\r\n';

describe('encodeUf2', () => {
  it('makes blocks as the format says, byte for byte', () => {
    const image = Uint8Array.from({ length: 300 }, (_, i) => i);
    const out = Buffer.from(encodeUf2(image, { address: 0x1000_0000, family: uf2Families.rp2040 }));
    expect(out.length).toBe(1024);
    // "UF2\n", second magic, flags, address, payload, block, blocks, family; then data; then the last magic.
    expect(out.subarray(0, 32).toString('hex')).toBe(
      '5546320a57515d9e00200000000000100001000000000000' + '02000000' + '56ff8be4',
    );
    expect(out.subarray(512, 544).toString('hex')).toBe(
      '5546320a57515d9e00200000000100100001000001000000' + '02000000' + '56ff8be4',
    );
    expect(out.subarray(32, 288)).toEqual(Buffer.from(image.subarray(0, 256)));
    expect(out.subarray(544, 588)).toEqual(Buffer.from(image.subarray(256)));
    expect(out.subarray(588, 1020).every((byte) => byte === 0)).toBe(true);
    expect([out.subarray(508, 512), out.subarray(1020)].map((b) => b.toString('hex'))).toEqual([
      '306fb10a',
      '306fb10a',
    ]);
  });

  it('refuses an empty image and an address in the middle of a page', () => {
    expect(() => encodeUf2(new Uint8Array(), { address: 0, family: 0 })).toThrow(RangeError);
    expect(() => encodeUf2(new Uint8Array(1), { address: 100, family: 0 })).toThrow(RangeError);
  });
});

describe('copyUf2', () => {
  const uf2 = encodeUf2(new Uint8Array(40_000).fill(7), { address: 0x1000_0000, family: uf2Families.rp2040 });

  it('copies onto the boot volume of a Pico', async () => {
    const at = await volume(picoInfo);
    const seen: number[] = [];
    await copyUf2(at, uf2, { onProgress: ({ sentBytes }) => seen.push(sentBytes) });
    expect(Buffer.compare(await readFile(join(at, 'hilltop.uf2')), uf2)).toBe(0);
    expect(seen.at(-1)).toBe(uf2.length);
  });

  it('copies nothing onto what is no boot volume, or another board’s', async () => {
    await expect(copyUf2(await volume(), uf2)).rejects.toMatchObject({ code: 'device.offline' });
    await expect(copyUf2('/none', uf2)).rejects.toMatchObject({ code: 'device.offline' });
    const other = await volume('UF2 Bootloader v3.0\nBoard-ID: nRF52840-Feather\n');
    await expect(copyUf2(other, uf2)).rejects.toMatchObject({ code: 'device.none-match' });
    await expect(readFile(join(other, 'hilltop.uf2'))).rejects.toThrow();
  });
});
