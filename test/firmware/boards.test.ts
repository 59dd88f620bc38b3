// The prebuilt images on QEMU's machines: what every board does, byte by byte.
import { describe } from '@jest/globals';
import { describeWithQemu } from '../support/describe-with-qemu.js';
import { startQemuBoard } from '../support/qemu.js';
import { boardSuite } from './board-suite.js';

describeWithQemu('prebuilt firmware on QEMU', () => {
  for (const [board, cpu, hz] of [
    ['stm32f405', 'cortex-m4', 168_000_000],
    ['mps2-an386', 'cortex-m4', 25_000_000],
    ['mps2-an500', 'cortex-m7', 25_000_000],
  ] as const)
    describe(`${board}`, () =>
      boardSuite(() => startQemuBoard(board), { board, cpu, hz, ticks: 'systick', exact: true, losesPort: false }));
});
