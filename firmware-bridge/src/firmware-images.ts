import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LabError } from '@hilltop/contracts';
import * as z from 'zod';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const FirmwareImage = z.object({
  /** As the firmware names itself in `info`. */
  board: z.string(),
  title: z.string(),
  file: z.string(),
  sha256,
  bytes: z.int(),
  /** Address of the first byte of `file`. */
  loadAt: z.int(),
  /** For the boot loader that shows itself as a drive. */
  uf2: z.string().optional(),
  uf2Sha256: sha256.optional(),
  /** Bytes of program and constants, initialised data, cleared data, stack. */
  sizes: z.object({ text: z.int(), data: z.int(), bss: z.int(), stack: z.int() }),
  /** Which pins, and what it takes to reach them. */
  serial: z.string(),
  baud: z.int(),
  /** Machine of QEMU that runs it. */
  qemu: z.string().optional(),
  ran: z.enum(['emulated only', 'run on hardware']),
});
export type FirmwareImage = z.infer<typeof FirmwareImage>;

const Description = z.object({
  /** SHA-256 of everything the images were built from, and by what. */
  sources: sha256,
  compiler: z.string(),
  images: z.array(FirmwareImage),
});

const folder = new URL('../firmware/prebuilt/', import.meta.url);

/** The images that come with the lab, and what they were built from. Throws `artifact.corrupt` where the list is damaged. */
export function firmwareImages(): z.infer<typeof Description> {
  const parsed = Description.safeParse(JSON.parse(readFileSync(new URL('images.json', folder), 'utf8')));
  if (parsed.success) return parsed.data;
  throw damaged('images.json', parsed.error.issues[0]?.message ?? 'not as expected');
}

/** Where the image of a board lies, for programs that want a path. */
export function firmwarePath(file: string): string {
  return fileURLToPath(new URL(file, folder));
}

/**
 * One board's image, as a raw binary for `loadAt` or as UF2. Throws `usage.invalid` for a board without one, `artifact.corrupt` when
 * the file is not the one that was listed.
 */
export function readFirmware(board: string, format: 'bin' | 'uf2' = 'bin'): Uint8Array {
  const { images } = firmwareImages();
  const image = images.find((candidate) => candidate.board === board);
  const [file, expected] = format === 'uf2' ? [image?.uf2, image?.uf2Sha256] : [image?.file, image?.sha256];
  if (file === undefined) {
    const names = images.filter((candidate) => format === 'bin' || candidate.uf2).map((candidate) => candidate.board);
    throw new LabError(
      'usage.invalid',
      `there is no ${format} image for "${board}"; there is one for ${names.join(', ')}`,
    );
  }
  const bytes = new Uint8Array(readFileSync(firmwarePath(file)));
  if (createHash('sha256').update(bytes).digest('hex') !== expected)
    throw damaged(file, 'its SHA-256 is not the listed one');
  return bytes;
}

function damaged(file: string, why: string): LabError {
  return new LabError('artifact.corrupt', `firmware/prebuilt/${file}: ${why}; install the package again`);
}
