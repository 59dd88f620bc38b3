import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readPicoImage } from './image.js';
import { PicoMachine } from './machine.js';

const sram = 0x2000_0000;
const bodyAt = 0x200;
const dataAt = 0x4000;
const stackTop = 0x8000;
const imageBytes = stackTop;

/**
 * One half word of the body: any data processing on r0...r3, loads and stores around r4 (SRAM) and sp, SysTick's count through r6,
 * short branches ahead, calls of a little function, and writes into the code that runs.
 */
const halfWords: fc.Arbitrary<number[]> = (() => {
  const low = fc.integer({ min: 0, max: 3 });
  const imm8 = fc.integer({ min: 0, max: 255 });
  const one = (parts: fc.Arbitrary<number>): fc.Arbitrary<number[]> => parts.map((op) => [op]);
  const fields = (
    base: number[],
    a: fc.Arbitrary<number>,
    aShift: number,
    b: fc.Arbitrary<number> = fc.constant(0),
    bShift = 0,
    c: fc.Arbitrary<number> = fc.constant(0),
    cShift = 0,
  ): fc.Arbitrary<number[]> =>
    one(
      fc
        .tuple(fc.constantFrom(...base), a, b, c)
        .map(([op, x, y, z]) => op | (x << aShift) | (y << bShift) | (z << cShift)),
    );
  const imm5 = fc.integer({ min: 0, max: 31 });
  const span = (count: number, base: number): number[] => Array.from({ length: count }, (_, i) => base + i);
  // and ... mvn; each followed by what reads its carry, so that a wrong one shows.
  const operations = fc
    .tuple(fc.integer({ min: 0, max: 15 }), low, low, low)
    .map(([kind, d, m, sum]) => [0x4000 | (kind << 6) | (m << 3) | d, 0x4140 | (m << 3) | sum]);
  return fc.oneof<fc.MaybeWeightedArbitrary<number[]>[]>(
    fields([0x0000, 0x0800, 0x1000], low, 0, low, 3, imm5, 6), // shifts
    fields([0x1800, 0x1a00], low, 0, low, 3, low, 6), // add, sub
    fields([0x1c00, 0x1e00], low, 0, low, 3, fc.integer({ min: 0, max: 7 }), 6),
    fields([0x2000, 0x2800, 0x3000, 0x3800], low, 8, imm8, 0), // mov, cmp, add, sub
    { arbitrary: operations, weight: 6 },
    fields([0x4400, 0x4500, 0x4600], low, 0, low, 3), // any-register forms
    fields([0x4678], low, 0), // mov rd, pc
    fields([0x6000, 0x6800, 0x7000, 0x7800, 0x8000, 0x8800], low, 0, fc.constant(4), 3, imm5, 6),
    fields(
      span(8, 0).map((i) => 0x5000 | (i << 9)),
      low,
      0,
      fc.constant(4),
      3,
      fc.constant(5),
      6,
    ), // [r4, r5]
    fields([0x9000, 0x9800], low, 8, fc.integer({ min: 0, max: 15 }), 0), // [sp, #]
    fields([0xa000, 0xa800], low, 8, imm8, 0), // adr, add rd, sp
    fields([0x4800], low, 8, fc.integer({ min: 0, max: 3 }), 0), // ldr rd, [pc, #]
    fields([0xb200, 0xb240, 0xb280, 0xb2c0, 0xba00, 0xba40, 0xbac0], low, 0, low, 3),
    fields([0x6880], low, 0).map(([op]) => [(op! & ~0x38) | (6 << 3)]), // ldr rd, [r6, #8]: SysTick
    // Lists: pushed and popped in pairs so that sp stays; r4 is set back after the lists that move it.
    fc.integer({ min: 1, max: 15 }).map((list) => [0xb400 | list, 0xbc00 | list]),
    fc.tuple(fc.constantFrom(0xc400, 0xcc00), fc.integer({ min: 1, max: 15 })).map(([op, list]) => {
      const words = list.toString(2).replaceAll('0', '').length;
      return [op | list, 0x3c00 | (4 * words)];
    }),
    // A branch over one half word, by each condition.
    fc
      .tuple(fc.integer({ min: 0, max: 13 }), low, imm8)
      .map(([cond, r, i]) => [0xd000 | (cond << 8), 0x3000 | (r << 8) | i]),
    fc.constant([0xe000, 0xbf00]),
    fc.constant([0x46c0]),
    fc.constant([0xb672, 0xb662]), // cpsid, cpsie: the interpreter's
    fc.constantFrom([0xf3bf, 0x8f5f], [0xf3ef, 0x8000]), // dmb; mrs r0, apsr
    // Self-modifying, in one of 64 rounds: raises what the body's first instruction loads.
    fc.constant([0x233f, 0x423b, 0xd103, 0x4643, 0x881a, 0x3201, 0x801a]),
    fc.constantFrom([0x47c8], [0x47f0]), // blx r9; blx lr
  );
})();

/** Where carries and overflows happen, and anything. */
const words = fc.oneof(
  fc.constantFrom(0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0xff, 31, 32, 33),
  fc.integer({ min: 0, max: 0xffff_ffff }),
);
/** Many more by hand: HILLTOP_FUZZ=5000. */
const numRuns = Number(process.env['HILLTOP_FUZZ'] ?? 30);

interface Program {
  readonly body: readonly number[];
  readonly seeds: readonly number[];
  readonly loops: number;
  readonly reload: number;
}

/** Sets registers and SysTick up, runs the body many times, stops at a breakpoint. */
function image({ body, seeds, loops, reload }: Program): Uint8Array {
  const bytes = new Uint8Array(imageBytes);
  const view = new DataView(bytes.buffer);
  const put = (at: number, ...ops: number[]): void => {
    for (const [i, op] of ops.entries()) view.setUint16(at + 2 * i, op, true);
  };
  view.setUint32(0, sram + stackTop, true);
  view.setUint32(4, (sram + 0x100) | 1, true);
  view.setUint32(15 * 4, (sram + 0x180) | 1, true);
  // Literals for the set-up, from 0x140 on: r0 ... r3, r4 data, r5 index, r6 SysTick, r7 loops, r8 code, r9 function, reload.
  const literals = [...seeds, sram + dataAt, 36, 0xe000_e010, loops, sram + bodyAt, (sram + 0x1c0) | 1, reload];
  for (const [i, value] of literals.entries()) view.setUint32(0x140 + 4 * i, value, true);
  const ldr = (r: number, at: number, literal: number): number =>
    0x4800 | (r << 8) | ((0x140 + 4 * literal - ((at + 4) & ~3)) / 4);
  const code = [
    ldr(6, 0x100, 6),
    ldr(0, 0x102, 10),
    0x6070, // str r0, [r6, #4]
    0x60b0, // str r0, [r6, #8]
    0x2007, // movs r0, #7
    0x6030, // str r0, [r6]
    ldr(0, 0x10c, 8),
    0x4680, // mov r8, r0
    ldr(0, 0x110, 9),
    0x4681, // mov r9, r0
    ...[0, 1, 2, 3, 4, 5, 7].map((r, i) => ldr(r, 0x114 + 2 * i, r)),
    0xb090, // sub sp, #64
  ];
  put(0x100, ...code);
  const here = 0x100 + 2 * code.length;
  put(here, 0xe000 | (((bodyAt - here - 4) >> 1) & 0x7ff));
  // SysTick's handler sums up where it is, in memory, behind a jump: what is jumped to gets hot. It looks at the flags it
  // interrupted as little as any other.
  put(0x180, 0x4804, 0x6801, 0xe001, 0xbf00, 0xbf00, 0x467a, 0x1889, 0x6001, 0x4770);
  view.setUint32(0x194, sram + sumAt, true);
  put(0x1c0, 0x3011, 0x4770); // adds r0, #17; bx lr
  const end = bodyAt + 2 * body.length;
  put(bodyAt, ...body);
  // subs r7, #1; beq stop; ldr-free jump back: bl keeps within reach of any body.
  const back = (bodyAt - (end + 4) - 4) >> 1;
  put(end, 0x3f01, 0xd001, 0xf000 | ((back >> 11) & 0x7ff), 0xf800 | (back & 0x7ff), 0xbe00);
  return bytes;
}

/** Where the handler of SysTick sums up. */
const sumAt = dataAt + 0x1000;

function run(program: Program, translate: boolean): PicoMachine {
  const machine = new PicoMachine(readPicoImage(image(program)), {
    onByte: () => undefined,
    hasByte: () => false,
    takeByte: () => undefined,
    cyclesPerByte: 1000,
    translate,
  });
  for (let i = 0; i < 100 && !machine.halt; i++) machine.run(20_011);
  return machine;
}

function outcome(program: Program, translate: boolean): unknown {
  const machine = run(program, translate);
  const { core, sram: memory } = machine.chip;
  return {
    halt: machine.halt,
    cycles: machine.cycles,
    registers: [...core.registers],
    flags: [core.N, core.Z, core.C, core.V],
    // Below the stack: what an interrupt pushes holds flags that nobody reads any more.
    memory: Buffer.from(memory.subarray(0, stackTop - 0x400)).toString('base64'),
  };
}

describe('FastCore', () => {
  it('[MCU-61] leaves the registers, flags, memory and cycles that the interpreter leaves, for any program and interrupts', () => {
    fc.assert(
      fc.property(
        fc.record({
          body: fc
            .array(halfWords, { minLength: 1, maxLength: 60, size: 'max' })
            .map((parts) => [0x2000, ...parts.flat()]),
          seeds: fc.array(words, { minLength: 4, maxLength: 4 }),
          loops: fc.integer({ min: 40, max: 200 }),
          reload: fc.oneof(fc.integer({ min: 80, max: 300 }), fc.integer({ min: 300, max: 5000 })),
        }),
        (program) => {
          expect(outcome(program, true)).toEqual(outcome(program, false));
        },
      ),
      { numRuns },
    );
  });

  it.each([true, false])(
    'runs a handler that becomes hot where its vector leads, without its Thumb bit (translated: %s)',
    (translate) => {
      const program = { body: [0x2000], seeds: [0, 0, 0, 0], loops: 4000, reload: 200 };
      const { chip, cycles, halt } = run(program, translate);
      expect(halt).toMatchObject({ why: 'breakpoint' });
      // `mov r2, pc` at 0x18a reads 4 bytes on, each of the times that SysTick came round; SRAM's address lies above these bits.
      const came = (chip.sramView.getUint32(sumAt, true) % sram) / 0x18e;
      expect(Number.isInteger(came)).toBe(true);
      expect(came).toBeGreaterThan(100);
      expect(Math.abs(came - cycles / (program.reload + 1))).toBeLessThan(2);
    },
  );
});
