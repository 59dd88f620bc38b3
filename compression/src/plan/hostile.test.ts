import { crc32, isLabError, type PlanOpKind, planHeader, planOps, readPlan, recordBytes } from '@hilltop/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createHost } from '../host.js';
import { qdqCase } from '../testing/qdq-cases.js';
import { compilePlan } from './compile.js';

const host = createHost();
afterAll(() => host.close());

/** HILLTOP_FUZZ=20 tries twenty times as many. */
const times = Number(process.env['HILLTOP_FUZZ'] ?? 1);
const headerBytes = recordBytes(planHeader);

/** Cases that between them have every operator the compiler makes. */
const cases = ['conv and Relu', 'depthwise conv', 'MatMul of rows', 'a Gemm that stays float', 'Add', 'Mul'];
const more = ['MaxPool', 'AveragePool', 'Softmax', 'Tanh', 'Reshape that mixes axes', 'Concat', 'Pad'];
const floats = ['a Gemm and a Softmax that stay float', 'a Softmax of rows that gives floats'];

/** With the right checksum, so that what is behind it is looked at. */
function sealed(bytes: Uint8Array): Uint8Array {
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(12, crc32(bytes.subarray(headerBytes)), true);
  return bytes;
}

/** Whether it is read; refused otherwise. Anything but `artifact.corrupt` is thrown on. */
function isRead(bytes: Uint8Array): boolean {
  try {
    readPlan(bytes);
    return true;
  } catch (error) {
    if (isLabError(error, 'artifact.corrupt')) return false;
    throw error;
  }
}

/** What a number may be turned into: its neighbours, the ends of every type, or chance. */
const strange = [
  0, 1, 2, 4, 15, 16, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff,
];

describe('plans of every operator, damaged', () => {
  const plans: Uint8Array[] = [];
  /** Where constants begin: what is behind is numbers of the model's own. */
  const ends: number[] = [];
  beforeAll(async () => {
    const kinds = new Set<PlanOpKind>();
    for (const name of [...cases, ...more, ...floats]) {
      const { plan, facts } = await compilePlan(qdqCase(name, 2).model, { host });
      plans.push(plan);
      ends.push(facts.dataAt);
      for (const op of facts.ops) kinds.add(op.kind);
    }
    const unmade = ['copy', 'quantize'];
    expect([...kinds].sort()).toEqual(
      Object.keys(planOps)
        .filter((kind) => !unmade.includes(kind))
        .sort(),
    );
  });

  it(`[MCU-26] ${20_000 * times} plans with one to four numbers changed: read, or refused as corrupt`, () => {
    const change = fc.record({
      at: fc.nat(),
      by: fc.oneof(fc.constantFrom(...strange), fc.nat(0xffffffff)),
      width: fc.constantFrom(1, 2, 4),
    });
    let [read, refused] = [0, 0];
    fc.assert(
      fc.property(fc.nat(), fc.array(change, { minLength: 1, maxLength: 4 }), (which, changes) => {
        const bytes = plans[which % plans.length]!.slice();
        const view = new DataView(bytes.buffer);
        for (const { at, by, width } of changes) {
          const place = (at % (ends[which % plans.length]! / width)) * width;
          if (width === 1) view.setUint8(place, by & 0xff);
          else if (width === 2) view.setUint16(place, by & 0xffff, true);
          else view.setUint32(place, by, true);
        }
        if (isRead(sealed(bytes))) read++;
        else refused++;
      }),
      { numRuns: 20_000 * times, verbose: 1 },
    );
    // Both happen: the checks are reached, and do not refuse everything.
    expect(Math.min(read, refused)).toBeGreaterThan(100);
  });

  it('[MCU-26] each plan cut short at every length of its tables, with and without the length told: refused as corrupt', () => {
    plans.forEach((plan, i) => {
      for (let length = 0; length < ends[i]!; length++) {
        expect(isRead(plan.subarray(0, length))).toBe(false);
        if (length < headerBytes) continue;
        const told = plan.slice(0, length);
        new DataView(told.buffer).setUint32(8, length, true);
        expect(isRead(sealed(told))).toBe(false);
      }
    });
  });
});
