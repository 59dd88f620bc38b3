// The Pico's flash image and the UF2 file that its boot loader takes by drag and drop.

const boot2Bytes = 256;
const flashAt = 0x10000000;
const rp2040Family = 0xe48bff56;

/** Second stage, then the program: what lies in flash from its start. Length and checksum go where boot2.S leaves room. */
export function flashImage(boot2, program) {
  if (boot2.length !== boot2Bytes) throw new Error(`the second stage has ${boot2.length} bytes instead of 256`);
  const padded = Buffer.alloc(Math.ceil(program.length / 4) * 4);
  program.copy(padded);
  const head = Buffer.from(boot2);
  head.writeUInt32LE(padded.length, 248);
  head.writeUInt32LE(bootRomCrc(head.subarray(0, 252)), 252);
  return Buffer.concat([head, padded]);
}

/** CRC-32 as the boot ROM computes it: polynomial 0x04c11db7, start all ones, nothing reflected or inverted (RP2040 datasheet 2.8.1.3.1). */
function bootRomCrc(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}

/** UF2 (github.com/microsoft/uf2): blocks of 512 bytes with 256 of the image each. */
export function uf2(image) {
  const count = Math.ceil(image.length / 256);
  const file = Buffer.alloc(count * 512);
  for (let i = 0; i < count; i++) {
    const at = i * 512;
    // Family is given; 256 bytes of payload, zeros behind the image's end.
    const head = [0x0a324655, 0x9e5d5157, 0x2000, flashAt + i * 256, 256, i, count, rp2040Family];
    for (const [k, word] of head.entries()) file.writeUInt32LE(word, at + 4 * k);
    image.copy(file, at + 32, i * 256, Math.min(image.length, (i + 1) * 256));
    file.writeUInt32LE(0x0ab16f30, at + 508);
  }
  return file;
}
