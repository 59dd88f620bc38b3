import { readFileSync } from 'node:fs';
import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { crc32 } from './crc32.js';
import { isLabError } from './errors.js';
import { readPlan } from './plan-format.js';
import {
  concatInputRecord,
  type PlanRecord,
  planHeader,
  planOpRecord,
  planOps,
  planTensorRecord,
  readRecord,
  recordBytes,
  writeRecord,
} from './plan-layout.js';

/** HILLTOP_FUZZ=20 tries twenty times as many. */
const times = Number(process.env['HILLTOP_FUZZ'] ?? 1);
const runs = (count: number) => ({ numRuns: count * times, verbose: 1 as const });

const [headerBytes, tensorBytes, opBytes] = [planHeader, planTensorRecord, planOpRecord].map(recordBytes) as [
  number,
  number,
  number,
];

/** A plan written by hand: 8 bytes in, through a table and a dense layer, to 4 floats. */
function handmade(): Uint8Array {
  const tensor = { place: 0, type: 0, rank: 2, layout: 0, scale: 0.5, zero_point: 0 };
  const data = { ...tensor, place: 1, scale: 0 };
  const tensors = [
    { ...tensor, at: 0, bytes: 8, dims: [1, 1, 1, 8] },
    { ...data, at: 0, bytes: 256, dims: [1, 1, 1, 256], rank: 1 },
    { ...tensor, at: 0, bytes: 8, dims: [1, 1, 1, 8] },
    { ...data, at: 256, bytes: 32, dims: [1, 1, 4, 8] },
    { ...data, at: 288, bytes: 48, type: 1, dims: [1, 1, 4, 3] },
    { ...tensor, at: 16, bytes: 16, type: 2, dims: [1, 1, 1, 4], scale: 0 },
  ];
  const ops = [
    { kind: planOps.table.code, inputs: [0, 1], output: 2, params_at: 0 },
    { kind: planOps.dense.code, inputs: [2, 3, 4], output: 5, params_at: 0 },
  ];
  const tensorsAt = headerBytes;
  const opsAt = tensorsAt + tensors.length * tensorBytes;
  const ioAt = opsAt + ops.length * opBytes;
  const paramsAt = ioAt + 4;
  const dataAt = Math.ceil((paramsAt + recordBytes(planOps.dense.params)) / 16) * 16;
  const bytes = new Uint8Array(dataAt + 336);
  const view = new DataView(bytes.buffer);
  tensors.forEach((t, i) => {
    writeRecord(view, tensorsAt + i * tensorBytes, planTensorRecord, t);
  });
  ops.forEach((op, i) => {
    const inputs = [...op.inputs, 0xffff, 0xffff, 0xffff, 0xffff].slice(0, 6);
    const rest = { reserved: 0, reserved2: 0, scratch_at: 0, scratch_bytes: 0, macs: 32 * i };
    writeRecord(view, opsAt + i * opBytes, planOpRecord, {
      ...rest,
      ...op,
      inputs,
      input_count: op.inputs.length,
      output_count: 1,
      params_at: i * paramsAt,
    });
  });
  view.setUint16(ioAt, 0, true);
  view.setUint16(ioAt + 2, 5, true);
  const dense = { rows: 1, inputs: 8, outputs: 4, output_zero: 0, min: -128, max: 127 };
  writeRecord(view, paramsAt, planOps.dense.params, dense);
  const header = { magic: 0x4c505448, version: 1, flags: 0, bytes: bytes.length, crc32: 0, arena_bytes: 32 };
  const counts = { tensor_count: 6, op_count: 2, input_count: 1, output_count: 1 };
  const places = { tensors_at: tensorsAt, ops_at: opsAt, io_at: ioAt, data_at: dataAt };
  const rest = { reserved: 0, macs_low: 32, macs_high: 0, reserved2: [0, 0, 0] };
  writeRecord(view, 0, planHeader, { ...header, ...counts, ...places, ...rest });
  return sealed(bytes);
}

/** With the right checksum, so that what is behind it is looked at. */
function sealed(bytes: Uint8Array): Uint8Array {
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(12, crc32(bytes.subarray(headerBytes)), true);
  return bytes;
}

/** What reading comes to: `read`, or the code of the refusal. */
function outcome(bytes: Uint8Array): string {
  try {
    readPlan(bytes);
    return 'read';
  } catch (error) {
    if (isLabError(error)) return error.code;
    throw error;
  }
}

describe('plans for microcontrollers', () => {
  it('are read whole', () => {
    const plan = readPlan(handmade());
    expect(plan).toMatchObject({ version: 1, arenaBytes: 32, flashBytes: plan.bytes, macs: 32 });
    const input = { tensor: 0, dims: [1, 8], type: 'int8', layout: 'rows', scale: 0.5, zeroPoint: 0, bytes: 8 };
    expect(plan.inputs).toEqual([input]);
    expect(plan.outputs).toEqual([{ ...input, tensor: 5, dims: [1, 4], type: 'float32', scale: 0, bytes: 16 }]);
    expect(plan.ops.map(({ kind, inputs, output, macs }) => ({ kind, inputs, output, macs }))).toEqual([
      { kind: 'table', inputs: [0, 1], output: 2, macs: 0 },
      { kind: 'dense', inputs: [2, 3, 4], output: 5, macs: 32 },
    ]);
  });

  it(`[MCU-26] are refused with any one of ${(handmade().length - headerBytes) * 8} bits flipped behind the header`, () => {
    const plan = handmade();
    for (let at = headerBytes; at < plan.length; at++)
      for (let bit = 0; bit < 8; bit++) {
        const flipped = plan.slice();
        flipped[at]! ^= 1 << bit;
        expect([at, bit, outcome(flipped)]).toEqual([at, bit, 'artifact.corrupt']);
      }
  });

  it('[MCU-26] are refused cut short, too long and empty', () => {
    const plan = handmade();
    for (let length = 0; length < plan.length; length++)
      expect(outcome(plan.subarray(0, length))).toBe('artifact.corrupt');
    expect(outcome(new Uint8Array([...plan, ...new Array(16).fill(0)]))).toBe('artifact.corrupt');
  });

  it(`[MCU-26] are read or refused, whatever their bytes: ${22_000 * times} cases`, () => {
    const plan = handmade();
    const change = fc.tuple(fc.nat(plan.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
        const bytes = plan.slice();
        for (const [at, value] of changes) bytes[at] = value;
        expect(['read', 'artifact.corrupt']).toContain(outcome(sealed(bytes)));
      }),
      runs(20_000),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => outcome(bytes) === 'artifact.corrupt'),
      runs(2000),
    );
  });

  it(`[MCU-26] never make a list longer than their bytes, whatever lengths they state: ${5000 * times} cases`, () => {
    const plan = handmade();
    const made = jest.spyOn(Array, 'from');
    let lists = 0;
    /** Places of all lengths and offsets of the header, which has them in 16 and 32 bits; 24 and 25 are numbers of inputs and outputs. */
    const place = fc.constantFrom(8, 16, 20, 22, 24, 25, 28, 32, 36, 40);
    const length = fc.oneof(fc.constantFrom(0xff, 0xffff, 0x7fffffff, 0xfffffff0, 0xffffffff), fc.nat(0xffffffff));
    try {
      fc.assert(
        fc.property(fc.array(fc.tuple(place, length), { minLength: 1, maxLength: 3 }), (changes) => {
          const bytes = plan.slice();
          const view = new DataView(bytes.buffer);
          for (const [at, value] of changes) {
            if (at === 24 || at === 25) view.setUint8(at, value & 0xff);
            else if (at === 20 || at === 22) view.setUint16(at, value & 0xffff, true);
            else view.setUint32(at, value, true);
          }
          made.mockClear();
          expect(['read', 'artifact.corrupt']).toContain(outcome(sealed(bytes)));
          for (const [source] of made.mock.calls)
            expect((source as ArrayLike<unknown>).length).toBeLessThanOrEqual(plan.length);
          lists += made.mock.calls.length;
        }),
        runs(5000),
      );
      expect(lists).toBeGreaterThan(100);
    } finally {
      made.mockRestore();
    }
  });

  const wrong: readonly [string, (view: DataView) => void][] = [
    ['a tensor outside the arena', (v) => v.setUint32(headerBytes, 32, true)],
    ['a shape of other bytes', (v) => v.setUint32(headerBytes + 12 + 12, 9, true)],
    [
      'a shape whose product wraps',
      (v) => {
        for (let i = 0; i < 4; i++) v.setUint32(headerBytes + 12 + 4 * i, 65536, true);
      },
    ],
    ['a scale that is no number', (v) => v.setFloat32(headerBytes + 28, Number.NaN, true)],
    ['an operator nobody knows', (v) => v.setUint8(headerBytes + 6 * tensorBytes, 99)],
    ['a tensor nobody has', (v) => v.setUint16(headerBytes + 6 * tensorBytes + 4, 6, true)],
    ['an input that is not there yet', (v) => v.setUint16(headerBytes + 6 * tensorBytes + 4, 5, true)],
    ['weights of another shape', (v) => v.setUint32(headerBytes + 6 * tensorBytes + 2 * opBytes + 4 + 4, 7, true)],
    ['parameters outside', (v) => v.setUint32(headerBytes + 6 * tensorBytes + opBytes + 20, 1 << 20, true)],
  ];
  it.each(wrong)('[MCU-26] are refused with %s', (_what, change) => {
    const bytes = handmade();
    change(new DataView(bytes.buffer));
    expect(outcome(sealed(bytes))).toBe('artifact.corrupt');
  });
});

describe('records of a plan', () => {
  const header = readFileSync(new URL('../../firmware-bridge/firmware/core/plan.h', import.meta.url), 'utf8');
  const types: Record<string, string> = {
    uint8_t: 'u8',
    uint16_t: 'u16',
    uint32_t: 'u32',
    int32_t: 'i32',
    float: 'f32',
  };

  /** Fields of a struct of plan.h, in order, as our records have them. */
  function struct(name: string): PlanRecord {
    const body = new RegExp(`typedef struct \\{([^}]*)\\} ${name};`).exec(header)![1]!;
    const fields = body.replace(/\/\*[\s\S]*?\*\//g, '').matchAll(/(\w+) ([^;]+);/g);
    return Object.fromEntries(
      [...fields].flatMap(([, type, names]) =>
        names!
          .split(',')
          .map((field) => /(\w+)(?:\[(\w*)\])?/.exec(field)!)
          .filter(([, , length]) => length !== '')
          .map(([, field, length]) => [field!, length === undefined ? types[type!]! : [types[type!]!, Number(length)]]),
      ),
    ) as PlanRecord;
  }

  it.each([
    ['ht_plan_header', planHeader],
    ['ht_tensor', planTensorRecord],
    ['ht_op', planOpRecord],
    ['ht_conv', planOps.conv.params],
    ['ht_dense', planOps.dense.params],
    ['ht_binary', planOps.add.params],
    ['ht_pool', planOps['max-pool'].params],
    ['ht_softmax', planOps.softmax.params],
    ['ht_transpose', planOps.transpose.params],
    ['ht_concat', planOps.concat.params],
    ['ht_concat_input', concatInputRecord],
    ['ht_pad', planOps.pad.params],
  ] as const)('%s has the fields the firmware has', (name, record) => {
    expect(Object.entries(struct(name))).toEqual(Object.entries(record));
  });

  it('have the numbers of the operators the firmware has', () => {
    const codes = Object.fromEntries(
      [...header.matchAll(/HT_(\w+) = (\d+), +\/\*/g)].map(([, n, c]) => [n, Number(c)]),
    );
    const own = Object.entries(planOps).map(([kind, { code }]) => [kind.toUpperCase().replace(/-/g, '_'), code]);
    expect(codes).toMatchObject(Object.fromEntries(own));
    expect(new Set(own.map(([, code]) => code)).size).toBe(own.length);
  });

  it('come back as they went, and hold no number too large', () => {
    const values = { zero: -5, multiplier: 2 ** 30, shift: 62 };
    const view = new DataView(new ArrayBuffer(12));
    writeRecord(view, 0, concatInputRecord, values);
    expect(readRecord(view, 0, concatInputRecord)).toEqual(values);
    expect(() => writeRecord(view, 0, concatInputRecord, { ...values, zero: 2 ** 31 })).toThrow(RangeError);
    expect(() => writeRecord(view, 0, concatInputRecord, { ...values, zero: 0.5 })).toThrow(RangeError);
  });
});
