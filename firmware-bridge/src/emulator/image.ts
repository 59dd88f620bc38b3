import { LabError } from '@hilltop/contracts';

/** A program for the RP2040: bytes by address, and where its vector table lies. */
export interface PicoImage {
  readonly parts: readonly { readonly address: number; readonly bytes: Uint8Array }[];
  /**
   * Address of the vector table: first word the stack pointer, second the reset handler. Absent: the second boot stage, the first
   * 256 bytes of flash, knows where it goes on.
   */
  readonly vectors?: number;
}

export const sramStart = 0x2000_0000;
/** 256 KiB striped and two banks of 4 KiB (RP2040 datasheet 2.6.2). */
export const sramBytes = 264 * 1024;
export const flashStart = 0x1000_0000;
/** What a Pico has; the chip can address 16 MiB. */
export const flashBytes = 2 * 1024 * 1024;
/** The second boot stage takes the first 256 bytes of flash, the last 4 a checksum; the ROM runs it from there in SRAM (RP2040 datasheet 2.8.1). */
export const boot2 = { bytes: 0x100, runsAt: 0x2004_1f00 };

/**
 * Reads a program as the tools write it: a raw binary linked at the start of SRAM, a raw binary of the flash (with or without
 * the 256 bytes of the second boot stage), or a UF2 file of either. Throws `artifact.corrupt` when it is none of them.
 */
export function readPicoImage(file: Uint8Array): PicoImage {
  const packed = isUf2(file) ? uf2Parts(file) : undefined;
  for (const vectors of [sramStart, flashStart + boot2.bytes]) {
    const parts = packed ?? [{ address: baseOf(vectors, file), bytes: file }];
    if (!parts.every(fits)) continue;
    if (startsAt(parts, vectors)) return { parts, vectors };
    if (vectors !== sramStart && hasBoot2(parts)) return { parts };
  }
  throw new LabError(
    'artifact.corrupt',
    'this is no program for the RP2040: neither a vector table at 0x20000000 or 0x10000100 nor a second boot stage at the start of flash',
  );
}

/** A flash binary without the second boot stage begins with its vectors, a stack pointer into SRAM, and belongs behind it. */
function baseOf(vectors: number, file: Uint8Array): number {
  return vectors === sramStart || word(file, 0) >>> 28 === 2 ? vectors : flashStart;
}

function fits({ address, bytes }: { address: number; bytes: Uint8Array }): boolean {
  const end = address + bytes.length;
  return (
    (address >= sramStart && end <= sramStart + sramBytes) || (address >= flashStart && end <= flashStart + flashBytes)
  );
}

/** Is there a stack pointer into SRAM and a Thumb address inside of the program? */
function startsAt(parts: PicoImage['parts'], vectors: number): boolean {
  const home = parts.find(({ address, bytes }) => address <= vectors && vectors + 8 <= address + bytes.length);
  if (!home) return false;
  const stack = word(home.bytes, vectors - home.address);
  const reset = word(home.bytes, vectors - home.address + 4);
  const code = reset & ~1;
  return (
    stack > sramStart &&
    stack <= sramStart + sramBytes &&
    stack % 4 === 0 &&
    reset % 2 === 1 &&
    parts.some(({ address, bytes }) => code >= address && code + 2 <= address + bytes.length)
  );
}

/** CRC-32 as the ROM computes it: polynomial 0x04c11db7, all ones first, neither reflected nor inverted. */
function hasBoot2(parts: PicoImage['parts']): boolean {
  const head = parts.find(({ address, bytes }) => address === flashStart && bytes.length >= boot2.bytes)?.bytes;
  if (!head) return false;
  let crc = 0xffff_ffff;
  for (const byte of head.subarray(0, boot2.bytes - 4)) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc < 0 || crc >= 2 ** 31 ? 0x04c1_1db7 : 0);
  }
  return crc >>> 0 === word(head, boot2.bytes - 4);
}

function word(bytes: Uint8Array, offset: number): number {
  return bytes.length < offset + 4 ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(offset, true);
}

/** UF2: blocks of 512 bytes, each with its address (github.com/microsoft/uf2). */
const uf2 = {
  block: 512,
  first: 0x0a32_4655,
  second: 0x9e5d_5157,
  last: 0x0ab1_6f30,
  notMainFlash: 1,
  maxPayload: 476,
};

function isUf2(file: Uint8Array): boolean {
  return word(file, 0) === uf2.first && word(file, 4) === uf2.second;
}

function uf2Parts(file: Uint8Array): PicoImage['parts'] {
  const parts: { address: number; bytes: Uint8Array }[] = [];
  if (file.length % uf2.block !== 0) throw new LabError('artifact.corrupt', 'the UF2 file is cut off: copy it again');
  for (let at = 0; at < file.length; at += uf2.block) {
    const size = word(file, at + 16);
    if (word(file, at) !== uf2.first || word(file, at + 508) !== uf2.last || size > uf2.maxPayload)
      throw new LabError('artifact.corrupt', `the UF2 file is damaged at byte ${at}: copy it again`);
    if (word(file, at + 8) & uf2.notMainFlash) continue;
    parts.push({ address: word(file, at + 12), bytes: file.subarray(at + 32, at + 32 + size) });
  }
  return parts;
}
