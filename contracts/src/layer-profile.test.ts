import { describe, expect, it } from '@jest/globals';
import {
  decodeProfile,
  encodeProfile,
  type LayerProfile,
  profileColumns,
  profiledLayers,
  profileLimit,
} from './layer-profile.js';

const layers: LayerProfile[] = [
  { name: 'conv1', op: 'Conv', provider: 'cpu', meanMs: 0.3, inferences: 40 },
  { name: 'others', op: 'others', meanMs: 0.1, inferences: 40 },
];

describe('layer profile', () => {
  it('[PROF-4] comes back from its bytes, and as columns with the share of each layer', () => {
    expect(decodeProfile(encodeProfile(layers))).toEqual(layers);
    expect(profiledLayers(profileColumns(layers))).toEqual([
      { ...layers[0], step: 1, share: 0.3 / 0.4 },
      { ...layers[1], step: 2, share: 0.1 / 0.4 },
    ]);
  });

  it('[PROF-4] bytes that are no profile are no layers', () => {
    const many = Array.from({ length: profileLimit + 1 }, () => layers[0]!);
    for (const bytes of [
      new Uint8Array(),
      Buffer.from('{'),
      Buffer.from('[{"name":1}]'),
      Buffer.from('[{"name":"a","op":"b","meanMs":-1,"inferences":1}]'),
      encodeProfile(many),
    ])
      expect(decodeProfile(bytes)).toEqual([]);
  });

  it('[PROF-4] layers that took no time have no share', () => {
    expect(profiledLayers(profileColumns([{ ...layers[0]!, meanMs: 0 }]))[0]!.share).toBe(0);
  });
});
