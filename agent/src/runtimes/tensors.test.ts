import { itemsAsFloat32, type TensorType } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { allNaN, castItem, fillRandom, fromHalf, newTensorData, predictedClass, toHalf } from './tensors.js';

describe('tensors', () => {
  it.each<[TensorType, Uint8Array]>([
    ['uint8', Uint8Array.of(0, 128, 255)],
    ['int8', new Uint8Array(Int8Array.of(-128, 0, 127).buffer)],
    ['bool', Uint8Array.of(0, 1, 1)],
    ['int32', new Uint8Array(Int32Array.of(-5, 0, 70_000).buffer)],
    ['int64', new Uint8Array(BigInt64Array.of(-5n, 0n, 70_000n).buffer)],
    ['float32', new Uint8Array(Float32Array.of(-1.5, 0, 3e8).buffer)],
  ])('[MEAS-15] casts %s as the contracts say', (type, data) => {
    const stored = { type, scale: 1 / 255, offset: -0.5 };
    const out = new Float32Array(3);
    castItem(data, stored, 'float32', out);
    expect(out).toEqual(itemsAsFloat32({ ...stored, dims: [3], data }, 0, 1));
  });

  it('[MEAS-15] feeds integers as stored', () => {
    const out = new BigInt64Array(2);
    castItem(Uint8Array.of(3, 7), { type: 'uint8', scale: 0.5, offset: 1 }, 'int64', out);
    expect(out).toEqual(BigInt64Array.of(3n, 7n));
  });

  it('halves round to nearest even and come back', () => {
    const golden: Array<[number, number]> = [
      [0, 0],
      [1, 0x3c00],
      [-2, 0xc000],
      [65_504, 0x7bff],
      [65_520, 0x7c00],
      [1e-8, 0],
      [2 ** -24, 1],
      [2 ** -14, 0x0400],
      [0.1, 0x2e66],
      [1 / 3, 0x3555],
      [1 + 2 ** -11, 0x3c00],
      [1 + 3 * 2 ** -11, 0x3c02],
      [Number.POSITIVE_INFINITY, 0x7c00],
    ];
    expect(golden.map(([value]) => toHalf(value))).toEqual(golden.map(([, bits]) => bits));
    for (let bits = 0; bits < 0x7c00; bits++) expect(toHalf(fromHalf(bits))).toBe(bits);
    expect(fromHalf(toHalf(Number.NaN))).toBeNaN();
  });

  it('[MEAS-15] the prediction is the largest value, the first of equals; none of nothing but NaN', () => {
    expect(predictedClass([1, 5, 5, 2], 'float32')).toBe(1);
    expect(predictedClass([Number.NaN, -3, Number.NaN], 'float32')).toBe(1);
    expect(predictedClass([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY], 'float32')).toBe(0);
    expect(predictedClass(Uint16Array.of(0x3c00, 0xc000, 0x4200), 'float16')).toBe(2);
    expect(predictedClass([7n], 'int64')).toBe(7);
    expect([predictedClass([Number.NaN], 'float32'), allNaN([Number.NaN], 'float32'), allNaN([0], 'int32')]).toEqual([
      -1,
      true,
      false,
    ]);
  });

  it('random inputs are the same for the same seed, and in range', () => {
    const [a, b, c] = [newTensorData('float32', 50)!, newTensorData('float32', 50)!, newTensorData('int64', 50)!];
    for (const out of [a, b]) fillRandom(out, 'float32', 1);
    fillRandom(c, 'int64', 1);
    expect(a).toEqual(b);
    expect([...(a as Float32Array)].every((v) => v >= -1 && v < 1)).toBe(true);
    expect(new Set([...(c as BigInt64Array)])).toEqual(new Set([0n, 1n]));
    expect(newTensorData('string', 1)).toBeUndefined();
  });
});
