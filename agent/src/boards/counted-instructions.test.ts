import { describe, expect, it } from '@jest/globals';
import { sha256Hex } from '../identity.js';
import { boardSeat } from '../testing/board-seats.js';
import { copyPlan, FakeBoard, type FakeBoardOptions } from '../testing/boards.js';
import { countedInstructions } from './counted-instructions.js';

const at = { hz: 25_000_000, ticks: 'systick' };

async function counted(options: FakeBoardOptions, shift = 5) {
  const fake = new FakeBoard({ says: at, ...options });
  const { board } = await fake.open();
  return { fake, board: countedInstructions(board!, await board!.info(), shift) };
}

describe('countedInstructions', () => {
  it('[MCU-70] tells instructions from the ticks of a clock that counts them, in loops, items and layers', async () => {
    const { board } = await counted({ ticks: (n) => 1000 + 4 * n });
    expect(await board.info()).toMatchObject({ hz: 31_250_000, ticksKind: 'instructions' });
    const plan = copyPlan();
    await board.upload(plan);
    await board.load(sha256Hex(plan));
    const pieces: number[] = [];
    // 25 MHz and 32 ns an instruction: 1.25 of them in a tick.
    const ticks = await board.infer({ inferences: 3, onTicks: (some) => pieces.push(...some) });
    expect([[...ticks], pieces]).toEqual([
      [1250, 1255, 1260],
      [1250, 1255, 1260],
    ]);
    expect((await board.runItem(new Uint8Array(10))).ticks).toBe(1265);
    expect((await board.layers()).map((layer) => layer.ticks)).toEqual([125]);
  });

  it('[MCU-70] refuses a count that 32 bits do not hold', async () => {
    const { board } = await counted({ ticks: () => 200_000_000 }, 0);
    const plan = copyPlan();
    await board.upload(plan);
    await board.load(sha256Hex(plan));
    await expect(board.infer({ inferences: 1 })).rejects.toMatchObject({ code: 'device.protocol' });
  });

  it('[MCU-70] is emulated, whoever says so or not', async () => {
    const { fake } = await counted({});
    const { seat } = boardSeat(fake, {
      open: async () => {
        const opened = await fake.open();
        const board = countedInstructions(opened.board!, await opened.board!.info(), 5);
        return { ...opened, board, facts: { ...opened.facts, ticks: (await board.info()).ticksKind } };
      },
    });
    expect(await seat.look()).toBe(true);
    expect(seat.report()).toMatchObject({ emulated: true, facts: { mcu: { ticks: 'instructions' } } });
  });
});
