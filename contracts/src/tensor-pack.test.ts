import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isLabError } from './errors.js';
import { decodeTensorPack, encodeTensorPack, itemsAsFloat32, packItems, type TensorPack } from './tensor-pack.js';

const pack: TensorPack = {
  items: 3,
  inputs: [{ type: 'uint8', dims: [2, 1], scale: 0.5, offset: 1, data: Uint8Array.from([0, 1, 2, 3, 4, 255]) }],
  labels: Int32Array.from([2, 0, 1]),
  classes: 3,
};

describe('tensor pack', () => {
  it('[DATA-1] comes back as it went', () => {
    expect(decodeTensorPack(encodeTensorPack(pack))).toEqual(pack);
  });
  it('[DATA-2] casts, then scales and shifts', () => {
    expect([...itemsAsFloat32(pack.inputs[0]!, 1, 3)]).toEqual([2, 2.5, 3, 128.5]);
    expect([...itemsAsFloat32(packItems(pack, 2, 3).inputs[0]!, 0, 1)]).toEqual([3, 128.5]);
  });
  it('[DATA-1] refuses anything else with a code, whatever the bytes', () => {
    const good = encodeTensorPack(pack);
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), (at, value, cut) => {
        const bytes = good.slice(0, Math.max(cut, 1));
        if (at < bytes.length) bytes[at] = value;
        try {
          decodeTensorPack(bytes);
        } catch (error) {
          return isLabError(error, 'data.shape-mismatch');
        }
        return true;
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});
