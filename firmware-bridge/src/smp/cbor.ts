import { errorText, LabError } from '@hilltop/contracts';
import { decode, encode } from 'cborg';

/** A request's payload: definite map, shortest numbers; absent fields are left out. */
export function encodePayload(payload: object): Uint8Array {
  return encode(payload, { ignoreUndefinedProperties: true });
}

/**
 * An answer's payload. Indefinite lengths are allowed, as Zephyr's and MCUboot's servers write all their maps so; duplicate keys,
 * tags, `undefined`, numbers in other than their shortest form and trailing bytes are not. Throws `device.protocol`.
 */
export function decodePayload(bytes: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = decode(bytes, { strict: true, allowUndefined: false, rejectDuplicateMapKeys: true });
    if (typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value))
      return value as Record<string, unknown>;
  } catch (error) {
    throw new LabError('device.protocol', `an answer is no CBOR: ${errorText(error)}`, {}, { cause: error });
  }
  throw new LabError('device.protocol', 'an answer is no CBOR map');
}

/** Bytes that a map of these fields takes, with `data` of so many. */
export function payloadBytes(fields: object, dataBytes: number): number {
  const head = dataBytes < 24 ? 1 : dataBytes < 256 ? 2 : dataBytes < 65_536 ? 3 : 5;
  // `data` is a key of 4 letters: 5 bytes; one more field never changes the map's own byte below 23 fields.
  return encodePayload(fields).length + 5 + head + dataBytes;
}
