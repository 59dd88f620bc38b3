import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { errorText, LabError } from '@hilltop/contracts';
import {
  copyUf2,
  firmwareImages,
  firmwarePath,
  flashImage,
  openPort,
  picoBoardId,
  readFirmware,
} from '@hilltop/firmware-bridge';
import type { BoardSpec } from './board-spec.js';

/** What a person wants to bring to a board. */
export type FlashOrder =
  /** The lab's own firmware, onto the drive that the board's boot loader shows; `to` where it is mounted. */
  | { readonly kind: 'firmware'; readonly board: string; readonly to?: string }
  /** A signed image of one's own, by serial line to MCUboot. */
  | { readonly kind: 'image'; readonly file: string; readonly port: BoardSpec };

export interface Flashed {
  readonly file: string;
  readonly bytes: number;
  readonly to: string;
  /** What to do next. */
  readonly next: string;
}

/** `BOARD[,to=DIR]`, or a file for the one port named by `--serial`. Throws `request.invalid`. */
export function parseFlash(text: string, ports: readonly BoardSpec[]): FlashOrder {
  const wrong = (why: string): LabError =>
    new LabError('request.invalid', `--flash ${text}: ${why}; see "hilltop-agent --help"`);
  if (/[/\\.]/.test(text.split(',')[0]!)) {
    const [port] = ports;
    if (!port || ports.length > 1) throw wrong('a file goes to a board at one port: --serial /dev/ttyACM0');
    return { kind: 'image', file: text, port };
  }
  const [board = '', option, ...rest] = text.split(',');
  if (rest.length > 0 || (option !== undefined && !/^to=./.test(option)))
    throw wrong('write BOARD or BOARD,to=DIR, DIR being where its boot drive is mounted');
  return { kind: 'firmware', board, ...(option !== undefined && { to: option.slice('to='.length) }) };
}

/**
 * Brings firmware to a board; it restarts with it. Throws `request.invalid` for a board whose boot loader shows no drive, `device.offline`
 * when none is mounted, and as `copyUf2` and `flashImage` do.
 */
export async function flash(
  order: FlashOrder,
  volumes: () => Promise<readonly string[]> = mountedVolumes,
): Promise<Flashed> {
  if (order.kind === 'image') return sendImage(order);
  const { images } = firmwareImages();
  const image = images.find(({ board }) => board === order.board);
  if (!image?.uf2) {
    const own = images.filter(({ uf2 }) => uf2).map(({ board }) => board);
    throw new LabError(
      'request.invalid',
      image
        ? `${order.board} shows no drive to copy to; write ${firmwarePath(image.file)} to 0x${image.loadAt.toString(16)} with a debug probe or dfu-util`
        : `there is no firmware for "${order.board}"; by drive goes ${own.join(', ')}`,
    );
  }
  const to = order.to ?? (await bootVolume(await volumes()));
  const uf2 = readFirmware(order.board, 'uf2');
  await copyUf2(to, uf2);
  return {
    file: firmwarePath(image.uf2),
    bytes: uf2.length,
    to,
    next: `its line: ${image.serial}, ${image.baud} baud`,
  };
}

async function sendImage({ file, port }: FlashOrder & { kind: 'image' }): Promise<Flashed> {
  const image = await readFile(file).catch((error: unknown) => {
    throw new LabError('request.invalid', `--flash ${file}: ${errorText(error)}`);
  });
  const line = await openPort(port.port, port.baudRate === undefined ? {} : { baudRate: port.baudRate });
  try {
    await flashImage(line, image);
  } finally {
    await line.close();
  }
  return {
    file: basename(file),
    bytes: image.length,
    to: port.port,
    next: 'the boot loader keeps it when its signature is right',
  };
}

/** The one boot drive among what is mounted. Throws `device.offline`, `device.none-match` when there are several. */
async function bootVolume(volumes: readonly string[]): Promise<string> {
  const found = volumes.filter((volume) => existsSync(join(volume, 'INFO_UF2.TXT')));
  if (found.length === 1) return found[0]!;
  if (found.length > 1)
    throw new LabError('device.none-match', `several boot drives are mounted: say which, --flash BOARD,to=${found[0]}`);
  throw new LabError(
    'device.offline',
    `no boot drive is mounted: hold BOOTSEL while you plug the board in; where no desktop mounts it, sudo mount -o uid=$USER /dev/disk/by-label/${picoBoardId} /mnt and --flash BOARD,to=/mnt`,
  );
}

/** Where file systems are mounted that a person may have plugged in. */
async function mountedVolumes(): Promise<string[]> {
  if (process.platform === 'darwin') return (await readdir('/Volumes')).map((name) => join('/Volumes', name));
  const table = await readFile('/proc/mounts', 'utf8').catch(() => '');
  return table.split('\n').flatMap((line) => {
    const [, folder, system] = line.split(' ');
    // Blanks and the like are written in octal.
    const path = folder?.replace(/\\(\d{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));
    return path !== undefined && /^(vfat|msdos|fuseblk)$/.test(system ?? '') ? [path] : [];
  });
}

/** The outcome for people. */
export const flashedText = ({ file, bytes, to, next }: Flashed): string =>
  `${file} (${bytes} bytes) is on ${to}; the board restarts with it; ${next}\n`;
