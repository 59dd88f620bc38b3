import { type ErrorCode, isLabError, itemsAsFloat32, LabError } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkPackFitsModel, type NpzLimits, readNpz } from './npz.js';
import { example } from './testing/models.js';
import { floats, longs, npy, npz, type ZipFixture, zip } from './testing/npz.js';

const x = npy('<f4', [2, 3], floats(1, 2, 3, 4, 5, 6));
const y = npy('<i8', [2], longs(0, 4));

async function codeOf(bytes: Uint8Array, limits?: NpzLimits): Promise<ErrorCode | 'accepted'> {
  try {
    await readNpz(bytes, limits);
    return 'accepted';
  } catch (error) {
    if (error instanceof LabError) return error.code;
    throw error;
  }
}
const header = (descr: string, order: string, shape: string): string =>
  `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }`;
const withHeader = (text: string): Uint8Array => npz({ x: npy('', [], floats(1, 2, 3, 4, 5, 6), text) });

describe('readNpz', () => {
  it('reads inputs, labels, scale and offset', async () => {
    const images = npy('|u1', [2, 1, 2], Uint8Array.of(0, 255, 51, 102));
    const pack = await readNpz(
      npz({
        x: images,
        y,
        x_scale: npy('<f8', [], new Uint8Array(Float64Array.of(1 / 255).buffer)),
        x_offset: npy('<f4', [1], floats(-0.5)),
      }),
    );
    expect(pack).toMatchObject({
      items: 2,
      classes: 5,
      labels: Int32Array.of(0, 4),
      inputs: [{ type: 'uint8', dims: [1, 2], offset: -0.5 }],
    });
    expect([...itemsAsFloat32(pack.inputs[0]!, 0, 2)]).toEqual(
      [-0.5, 0.5, -0.3, -0.1].map((v) => expect.closeTo(v, 6)),
    );
  });

  it('reads several inputs, float64 as float32, labels of any integer type', async () => {
    const pack = await readNpz(
      npz({
        x0: x,
        x1: npy('<f8', [2], new Uint8Array(Float64Array.of(0.1, 2).buffer)),
        x1_scale: npy('<i8', [], longs(3)),
        y: npy('<u2', [2, 1], Uint8Array.of(1, 0, 0, 1)),
      }),
    );
    expect(pack.inputs.map(({ type, dims, scale }) => ({ type, dims, scale }))).toEqual([
      { type: 'float32', dims: [3], scale: 1 },
      { type: 'float32', dims: [], scale: 3 },
    ]);
    expect(pack.labels).toEqual(Int32Array.of(1, 256));
  });

  it('reads the sample data', async () => {
    const pack = await readNpz(example('data/fashion-validation.npz'));
    expect(pack).toMatchObject({ classes: 10, inputs: [{ type: 'uint8', dims: [1, 28, 28] }] });
    expect(pack.labels).toHaveLength(pack.items);
  });

  it('refuses bombs before it unpacks them', async () => {
    const zeros: ZipFixture = { name: 'x.npy', content: new Uint8Array(8 << 20) };
    const many = Array.from({ length: 65 }, (_, i) => ({ name: `x${i}.npy`, content: x }));
    const overlapping: ZipFixture[] = [
      { name: 'x0.npy', content: x, stored: true },
      { name: 'x1.npy', content: x, stored: true, offset: 0 },
    ];
    const lying: ZipFixture = { name: 'x.npy', content: new Uint8Array(1 << 20).fill(7), declared: 1000 };
    const codes = [
      await codeOf(zip([zeros])),
      await codeOf(zip(many)),
      await codeOf(zip(overlapping)),
      await codeOf(zip([lying])),
      await codeOf(npz({ x, y }), { maxBytes: 100 }),
    ];
    expect(codes).toEqual(codes.map(() => 'data.bomb'));
  });

  it('refuses what is no .npz', async () => {
    const good = npz({ x, y });
    const bad = [
      new Uint8Array(0),
      new TextEncoder().encode('not a zip'),
      good.subarray(0, good.length - 10),
      zip([{ name: '../x.npy', content: x }]),
      zip([{ name: 'a/b.npy', content: x }]),
      zip([
        { name: 'x.npy', content: x },
        { name: 'x.npy', content: x },
      ]),
      npz({ z: x }),
      npz({ x: new Uint8Array(20) }),
      npz({ x: x.subarray(0, 20) }),
      withHeader(header("'<f4'", 'False', '(2, 3)').padEnd(5000)),
      withHeader(header("'<f4'", 'Maybe', '(2, 3)')),
      withHeader(header("'<f4'", 'False', '(2, 3')),
      withHeader("{'descr': '<f4', 'shape': (2, 3), }"),
      withHeader(`${header("'<f4'", 'False', '(2, 3)')} + evil()`),
      withHeader("{'descr': '<f4', '__proto__': 1}"),
      withHeader(header("'<f4'", 'False', '(99999999999999999999, 3)')),
    ];
    expect(await Promise.all(bad.map((bytes) => codeOf(bytes)))).toEqual(bad.map(() => 'data.not-npz'));
    const damaged = good.slice();
    damaged[60]! ^= 255;
    expect(['data.not-npz', 'data.bomb']).toContain(await codeOf(damaged));
  });

  it('does not take a name for a property', async () => {
    expect(
      await codeOf(
        zip([
          { name: '__proto__.npy', content: x },
          { name: 'x.npy', content: x },
        ]),
      ),
    ).toBe('accepted');
  });

  it('refuses types it would have to run, swap or guess', async () => {
    const types = ["'|O'", "'>f4'", "'<c8'", "'<U4'", "[('a', '<f4')]", "'<f2'", "'<u2'"];
    expect(await Promise.all(types.map((type) => codeOf(withHeader(header(type, 'False', '(2, 3)')))))).toEqual(
      types.map((t) => (t === "'<u2'" ? 'data.shape-mismatch' : 'data.dtype')),
    );
    expect(await codeOf(npz({ x: npy('<u2', [2], new Uint8Array(4)) }))).toBe('data.dtype');
    expect(await codeOf(npz({ x, y: npy('<f4', [2], floats(0, 1)) }))).toBe('data.dtype');
  });

  it('refuses shapes that do not fit', async () => {
    const shapes = [
      header("'<f4'", 'True', '(2, 3)'),
      header("'<f4'", 'False', '(-2, 3)'),
      header("'<f4'", 'False', '(2, 4)'),
      header("'<f4'", 'False', '()'),
    ];
    const packs = [
      ...shapes.map(withHeader),
      npz({ x, y: npy('<i8', [3], longs(1, 2, 3)) }),
      npz({ x0: x, x1: y.slice(), x2: npy('<i8', [1], longs(1)) }),
      npz({ x: npy('<f4', [0, 3], floats()) }),
      npz({ x, x_scale: x }),
    ];
    expect(await Promise.all(packs.map((bytes) => codeOf(bytes)))).toEqual(packs.map(() => 'data.shape-mismatch'));
  });

  it('refuses labels that cannot be classes', async () => {
    for (const label of [-1, 1_000_000, 2 ** 53])
      expect(await codeOf(npz({ x, y: npy('<i8', [2], longs(0, label)) }))).toBe('data.label-range');
  });

  it('gives a value or a LabError for damaged bytes', async () => {
    const good = npz({ x, y });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.nat(good.length),
        async (changes, cut) => {
          const bytes = good.slice(0, good.length - (cut % 32));
          for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
          await readNpz(bytes, { maxBytes: 1 << 20 }).catch((error: unknown) => {
            if (!isLabError(error)) throw error;
          });
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('checkPackFitsModel', () => {
  const input = (dims: (number | string)[], type = 'float32') => ({ name: 'in', type, dims });
  const check = async (
    dims: (number | string)[],
    type?: string,
    outputs?: { name: string; type: string; dims: number[] }[],
  ): Promise<ErrorCode | 'fits'> => {
    const pack = await readNpz(npz({ x, y }));
    try {
      checkPackFitsModel(pack, { inputs: [input(dims, type)], ...(outputs && { outputs }) });
      return 'fits';
    } catch (error) {
      if (error instanceof LabError) return error.code;
      throw error;
    }
  };

  it('compares the axes behind the first; dynamic ones take any size', async () => {
    expect([await check(['N', 3]), await check([1, 3]), await check([2, 'k']), await check([3])]).toEqual([
      'fits',
      'fits',
      'fits',
      'fits',
    ]);
    expect([await check(['N', 4]), await check(['N', 1, 3]), await check([4, 3])]).toEqual(
      Array(3).fill('data.shape-mismatch'),
    );
    expect(await check(['N', 3], 'string')).toBe('data.dtype');
  });

  it('compares labels with the width of the first output', async () => {
    expect(await check(['N', 3], 'float32', [{ name: 'o', type: 'float32', dims: [1, 4] }])).toBe('data.label-range');
    expect(await check(['N', 3], 'float32', [{ name: 'o', type: 'float32', dims: [1, 5] }])).toBe('fits');
  });

  it('wants as many inputs as the model has', async () => {
    const pack = await readNpz(npz({ x }));
    expect(() => checkPackFitsModel(pack, { inputs: [input(['N', 3]), input(['N', 3])] })).toThrow(
      expect.objectContaining({ code: 'data.shape-mismatch' }),
    );
  });
});
