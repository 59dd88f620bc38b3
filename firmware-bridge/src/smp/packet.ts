import { LabError } from '@hilltop/contracts';

/** Operation of a packet; an answer's is its request's plus one. */
export const smpOperations = { read: 0, readAnswer: 1, write: 2, writeAnswer: 3 } as const;

export type SmpVersion = 1 | 2;

/** Header of 8 bytes, big-endian: reserved(3) version(2) operation(3), flags, length(16), group(16), sequence, command. */
export interface SmpHeader {
  /** 1 or 2 of the protocol (0 or 1 on the wire); what a foreign server puts there is not checked. */
  readonly version: number;
  readonly operation: number;
  readonly group: number;
  readonly sequence: number;
  readonly command: number;
}

export interface SmpPacket extends SmpHeader {
  /** CBOR. */
  readonly payload: Uint8Array;
}

export const headerBytes = 8;

export function encodePacket(packet: SmpPacket): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(headerBytes + packet.payload.length);
  const view = new DataView(out.buffer);
  view.setUint8(0, ((packet.version - 1) << 3) | packet.operation);
  view.setUint16(2, packet.payload.length);
  view.setUint16(4, packet.group);
  view.setUint8(6, packet.sequence);
  view.setUint8(7, packet.command);
  out.set(packet.payload, headerBytes);
  return out;
}

/** Throws `device.protocol` when the stated length is not the packet's. */
export function decodePacket(bytes: Uint8Array): SmpPacket {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stated = bytes.length < headerBytes ? undefined : view.getUint16(2);
  if (stated !== bytes.length - headerBytes)
    throw new LabError(
      'device.protocol',
      `a packet of ${bytes.length} bytes says its payload has ${stated ?? 'no length'}`,
    );
  const first = view.getUint8(0);
  return {
    version: ((first >> 3) & 3) + 1,
    operation: first & 7,
    group: view.getUint16(4),
    sequence: view.getUint8(6),
    command: view.getUint8(7),
    payload: bytes.subarray(headerBytes),
  };
}
