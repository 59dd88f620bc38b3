import { type CborCodec, channelCodec } from '@hilltop/contracts';
import { decode, encode } from 'cborg';

/** Strict CBOR: no duplicate keys, no indefinite lengths, no tags. Decoding throws on anything else. */
export const cbor: CborCodec = {
  encode: (value) => encode(value, { ignoreUndefinedProperties: true }),
  decode: (bytes) =>
    decode(bytes, { allowIndefinite: false, rejectDuplicateMapKeys: true, allowUndefined: false, useMaps: false }),
};

/** The door between coordinator and agents: what comes in is validated here, once. */
export const channels = channelCodec(cbor);
