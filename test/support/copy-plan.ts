import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** Offsets as in firmware-bridge/firmware/core/plan.h: header 64, two tensors of 36, one operator of 36, two ids, data. */
const at = { tensors: 64, ops: 136, io: 172, data: 176 };
const copy = 10;

/**
 * The smallest plan there is: gives its input back. Made by hand, so that firmware and bridge are tried without the compiler.
 * `bytes` of input, a multiple of 16.
 */
export function copyPlan(bytes: number): { plan: Uint8Array; sha256: string } {
  const plan = Buffer.alloc(192);
  plan.write('HTPL', 0, 'latin1');
  plan.writeUInt16LE(1, 4);
  plan.writeUInt32LE(plan.length, 8);
  plan.writeUInt32LE(2 * bytes, 16);
  for (const [k, value] of [2, 1].entries()) plan.writeUInt16LE(value, 20 + 2 * k);
  plan.set([1, 1], 24);
  for (const [k, offset] of [at.tensors, at.ops, at.io, at.data].entries()) plan.writeUInt32LE(offset, 28 + 4 * k);
  for (const k of [0, 1]) {
    const tensor = at.tensors + 36 * k;
    plan.writeUInt32LE(bytes * k, tensor);
    plan.writeUInt32LE(bytes, tensor + 4);
    plan.set([0, 0, 2, 0], tensor + 8);
    for (const [d, dim] of [1, 1, 1, bytes].entries()) plan.writeUInt32LE(dim, tensor + 12 + 4 * d);
    plan.writeFloatLE(0.125, tensor + 28);
  }
  plan.set([copy, 1, 1, 0], at.ops);
  for (let k = 0; k < 6; k++) plan.writeUInt16LE(k === 0 ? 0 : 0xffff, at.ops + 4 + 2 * k);
  plan.writeUInt16LE(1, at.ops + 16);
  plan.writeUInt16LE(1, at.io + 2);
  plan.writeUInt32LE(crc32(plan.subarray(64)), 12);
  return { plan: new Uint8Array(plan), sha256: createHash('sha256').update(plan).digest('hex') };
}
