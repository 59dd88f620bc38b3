import { type CborCodec, channelCodec } from '@hilltop/contracts';
import { decode, encode } from 'cborg';

/** CBOR as the lab speaks it: no duplicate keys, no indefinite lengths, no tags, no `undefined`. */
export const cbor: CborCodec = {
  encode: (value) => encode(withoutUndefined(value)),
  decode: (bytes) =>
    decode(bytes, { strict: true, allowIndefinite: false, allowUndefined: false, rejectDuplicateMapKeys: true }),
};

/** The doors to the coordinator. */
export const channels = channelCodec(cbor);

/** Absent fields are left out, as JSON does it; bytes are passed through. */
function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, v]) => v !== undefined)
      .map(([k, v]) => [k, withoutUndefined(v)]),
  );
}
