import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firmwarePath, readFirmware } from '@hilltop/firmware-bridge';
import { afterEach, describe, expect, it } from '@jest/globals';
import { flash, flashedText, parseFlash } from './flash.js';

const made: string[] = [];
afterEach(async () => {
  for (const folder of made.splice(0)) await rm(folder, { recursive: true, force: true });
});
async function drive(board?: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hilltop-drive-'));
  made.push(folder);
  if (board) await writeFile(join(folder, 'INFO_UF2.TXT'), `UF2 Bootloader v3.0\r\nBoard-ID: ${board}\r\n`);
  return folder;
}

describe('flash', () => {
  it('[MCU-52] finds the one boot drive among what is mounted, and copies the firmware that ships with the lab', async () => {
    const [stick, pico] = [await drive(), await drive('RPI-RP2')];
    const done = await flash({ kind: 'firmware', board: 'pico' }, async () => [stick, pico]);
    expect(new Uint8Array(await readFile(join(pico, 'hilltop.uf2')))).toEqual(readFirmware('pico', 'uf2'));
    expect([done.file, done.to]).toEqual([firmwarePath('pico.uf2'), pico]);
    expect(flashedText(done)).toMatch(/restarts with it.*115200 baud\n$/);
  });

  it('[MCU-52] refuses with the remedy: no drive, several, another board on it, a board without a drive, none at all', async () => {
    const [one, two, other] = [await drive('RPI-RP2'), await drive('RPI-RP2'), await drive('RP2350')];
    const order = { kind: 'firmware', board: 'pico' } as const;
    await expect(flash(order, async () => [])).rejects.toMatchObject({ code: 'device.offline', message: /BOOTSEL/ });
    await expect(flash(order, async () => [one, two])).rejects.toMatchObject({ code: 'device.none-match' });
    await expect(flash({ ...order, to: other })).rejects.toMatchObject({ code: 'device.none-match' });
    const byProbe = flash({ kind: 'firmware', board: 'stm32f405' });
    await expect(byProbe).rejects.toThrow(/stm32f405\.bin to 0x8000000 with a debug probe or dfu-util/);
    await expect(flash({ kind: 'firmware', board: 'uno' })).rejects.toThrow(/no firmware for "uno".*pico/);
  });
});

describe('parseFlash', () => {
  const port = { port: '/dev/ttyACM0', driver: 'auto' } as const;
  it('[MCU-52] tells a board from a file, which needs the port of its board', () => {
    expect(parseFlash('pico', [])).toEqual({ kind: 'firmware', board: 'pico' });
    expect(parseFlash('pico,to=/mnt', [])).toEqual({ kind: 'firmware', board: 'pico', to: '/mnt' });
    expect(parseFlash('./signed.bin', [port])).toEqual({ kind: 'image', file: './signed.bin', port });
    for (const [text, ports] of [
      ['./signed.bin', []],
      ['./signed.bin', [port, port]],
      ['pico,/mnt', []],
      ['pico,to=', []],
    ] as const)
      expect(() => parseFlash(text, ports)).toThrow(/--flash/);
  });
});
