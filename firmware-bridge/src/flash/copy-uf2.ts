import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText, LabError } from '@hilltop/contracts';

/** Name a volume must give itself, as `Board-ID` in its INFO_UF2.TXT. */
export const picoBoardId = 'RPI-RP2';

/** Blocks are written in pieces, so that progress can be shown. */
const pieceBytes = 64 * 512;

/**
 * Copies a UF2 file onto a board's mounted boot volume; the board restarts with it by itself. Throws `device.offline` when nothing is
 * mounted there, `device.none-match` when it is another board's, `device.unplugged` when it goes before the last byte.
 */
export async function copyUf2(
  volume: string,
  uf2: Uint8Array,
  options: {
    readonly boardId?: string;
    readonly onProgress?: (progress: { readonly sentBytes: number; readonly totalBytes: number }) => void;
  } = {},
): Promise<void> {
  const wanted = options.boardId ?? picoBoardId;
  const info = await readFile(join(volume, 'INFO_UF2.TXT'), 'utf8').catch((error: unknown) => {
    throw new LabError(
      'device.offline',
      `${volume} is no UF2 boot volume: ${errorText(error)}; hold BOOTSEL while you plug the board in, and mount it`,
    );
  });
  const found = /^Board-ID:\s*(\S+)/m.exec(info)?.[1];
  if (found !== wanted)
    throw new LabError('device.none-match', `${volume} is ${found ?? 'a board without a name'}, not ${wanted}`);

  let sentBytes = 0;
  try {
    const file = await open(join(volume, 'hilltop.uf2'), 'w');
    try {
      while (sentBytes < uf2.length) {
        const { bytesWritten } = await file.write(uf2.subarray(sentBytes, sentBytes + pieceBytes));
        sentBytes += bytesWritten;
        options.onProgress?.({ sentBytes, totalBytes: uf2.length });
      }
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    // The board restarts at the last block, before the system has closed the file: then it is done.
    if (sentBytes < uf2.length)
      throw new LabError(
        'device.unplugged',
        `${volume} went after ${sentBytes} of ${uf2.length} bytes: ${errorText(error)}`,
        {
          cause: 'infrastructure',
        },
      );
  }
}
