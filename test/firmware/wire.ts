import type { BytePort } from '@hilltop/firmware-bridge';

/** One SMP message of at most 89 bytes as a line, by the protocol's description (06 09, base64 of length, message and CRC). */
export function frameOf(message: Uint8Array): Buffer {
  const body = Buffer.alloc(message.length + 4);
  body.writeUInt16BE(message.length + 2, 0);
  body.set(message, 2);
  body.writeUInt16BE(crc16(message), message.length + 2);
  return Buffer.from(`\x06\x09${body.toString('base64')}\n`, 'latin1');
}

function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let i = 0; i < 8; i++) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
  }
  return crc;
}

/** Lines of text as they come, up to and with `last`. */
export async function linesUntil(port: BytePort, last: string): Promise<string[]> {
  return new Promise((resolve) => {
    let text = '';
    const stop = port.onData((bytes) => {
      text += Buffer.from(bytes).toString('latin1');
      const lines = text.split('\r\n');
      if (!lines.slice(0, -1).includes(last)) return;
      stop();
      resolve(lines.slice(0, lines.indexOf(last) + 1));
    });
  });
}
