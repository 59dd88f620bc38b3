import { crc16 } from './crc16.js';

/** First two bytes of a line: of a packet's first line, and of each that goes on with it. */
export const startMarker = [0x06, 0x09] as const;
export const continueMarker = [0x04, 0x14] as const;

/** Longest line with marker and newline; a convention of SMP's console transport, not negotiated. */
export const lineBytes = 127;
/** Base64 of a line stands for at most so many bytes: 93. */
export const rawBytesPerLine = Math.floor((lineBytes - 3) / 4) * 3;

/** Length field before and CRC behind a packet: what a server's buffer holds beside it. */
export const envelopeBytes = 4;

/**
 * A packet as lines of SMP's console transport: `06 09` base64 `\n`, then `04 14` base64 `\n` ...; the lines' contents together are
 * length (of packet and CRC, big-endian), packet, CRC. As Zephyr's sender does it, a line never begins with the CRC or its second
 * byte: some receivers check the CRC per line. Throws RangeError for a packet that is empty or longer than 65,533 bytes.
 */
export function encodeFrame(packet: Uint8Array): Uint8Array<ArrayBuffer> {
  if (packet.length === 0 || packet.length > 0xffff - 2) throw new RangeError(`a packet of ${packet.length} bytes`);
  const raw = new Uint8Array(packet.length + envelopeBytes);
  const view = new DataView(raw.buffer);
  view.setUint16(0, packet.length + 2);
  raw.set(packet, 2);
  view.setUint16(raw.length - 2, crc16(packet));
  const crcAt = raw.length - 2;
  const lines: Buffer[] = [];
  for (let at = 0; at < raw.length; ) {
    let end = Math.min(at + rawBytesPerLine, raw.length);
    if (end === crcAt || end === crcAt + 1) end = crcAt - 1;
    lines.push(
      Buffer.from(at === 0 ? startMarker : continueMarker),
      Buffer.from(Buffer.from(raw.subarray(at, end)).toString('base64'), 'latin1'),
      Buffer.of(0x0a),
    );
    at = end;
  }
  return Uint8Array.from(Buffer.concat(lines));
}
