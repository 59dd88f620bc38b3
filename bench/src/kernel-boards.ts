import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startEmulatedPico } from '../../test/support/emulated-pico.js';
import { root } from '../../test/support/lab.js';
import { startQemuBoard, startQemuMachine, type TestBoard } from '../../test/support/qemu.js';

/** A board without hardware whose ticks are exact. */
export interface CountedBoard {
  readonly name: string;
  /** For tables. */
  readonly cpu: string;
  readonly unit: 'instructions' | 'cycles';
  /** Powers it on: a cold start each time. `start` numbers them from 0. */
  readonly start: (start: number) => Promise<TestBoard>;
}

export interface CountedBoards {
  readonly boards: readonly CountedBoard[];
  /** What is not there, and why; what runs it. */
  readonly notes: readonly string[];
  readonly dispose: () => void;
}

/** Of QEMU's virtual time: `-icount shift=5` lets 2^5 ns go by with every instruction. */
const instructionNanos = 32;

/** Instructions that `ticks` of a counter of `hz` stand for under QEMU: at 25 MHz 1.25 a tick, so a figure is good to one tick. */
export const instructionsOf = (ticks: number, hz: number): number => (ticks * 1e9) / hz / instructionNanos;

const firstLine = (program: string): string | undefined => {
  const { status, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return status === 0 ? stdout.split('\n')[0] : undefined;
};

/** What `firmware/build/compile.mjs` and `boards.mjs` give; they are plain Node, without types of their own. */
interface FirmwareBuild {
  readonly compile: (board: object, out: string) => unknown;
}
interface BoardLines {
  readonly boards: readonly { readonly name: string }[];
}

/**
 * The boards, as they ship. The Cortex-M3 is compiled here: it is the Cortex-M4's board without its extensions, which shows what the portable
 * kernels cost. `few`: one of QEMU's, and the Pico. Throws where QEMU is not installed.
 */
export async function countedBoards(options: { readonly few: boolean }): Promise<CountedBoards> {
  const qemu = firstLine('qemu-system-arm');
  if (!qemu)
    throw new Error(
      'instructions are counted by QEMU, and qemu-system-arm is not on the path (Debian: apt-get install qemu-system-arm)',
    );
  const m4 = qemuBoard('mps2-an386', 'Cortex-M4');
  // The interpreter is slower and counts the same; every third start uses it, so that a difference would show.
  const pico: CountedBoard = {
    name: 'pico',
    cpu: 'Cortex-M0+',
    unit: 'cycles',
    start: (start) => startEmulatedPico({ translate: start % 3 !== 2 }),
  };
  if (options.few) return { boards: [m4, pico], notes: [qemu], dispose: () => undefined };
  const m7 = qemuBoard('mps2-an500', 'Cortex-M7');
  const gcc = firstLine('arm-none-eabi-gcc');
  if (!gcc)
    return {
      boards: [m4, m7, pico],
      notes: [qemu, 'no figures of the Cortex-M3: its image is made here and there is no arm-none-eabi-gcc'],
      dispose: () => undefined,
    };
  const folder = mkdtempSync(join(tmpdir(), 'hilltop-bench-m3-'));
  try {
    await compileM3(folder);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  const m3: CountedBoard = {
    name: 'mps2-an385',
    cpu: 'Cortex-M3',
    unit: 'instructions',
    start: () => startQemuMachine('mps2-an385', join(folder, 'mps2-an385.bin')),
  };
  return {
    boards: [m3, m4, m7, pico],
    notes: [`${qemu}; the Cortex-M3's image, which does not ship, by ${gcc}`],
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const qemuBoard = (name: string, cpu: string): CountedBoard => ({
  name,
  cpu,
  unit: 'instructions',
  start: () => startQemuBoard(name),
});

/** Sources, flags and memory of the Cortex-M4's image, for a Cortex-M3. */
async function compileM3(folder: string): Promise<void> {
  const module = (name: string): string => pathToFileURL(join(root, 'firmware-bridge', 'firmware', 'build', name)).href;
  const { compile } = (await import(module('compile.mjs'))) as FirmwareBuild;
  const { boards } = (await import(module('boards.mjs'))) as BoardLines;
  const m4 = boards.find(({ name }) => name === 'mps2-an386');
  if (!m4) throw new Error('there is no board mps2-an386 to take the Cortex-M3 from');
  const m3 = {
    ...m4,
    name: 'mps2-an385',
    cpu: ['-mcpu=cortex-m3', '-mthumb', '-mfloat-abi=soft'],
    defines: ['-DHT_BOARD="mps2-an385"', '-DHT_CPU="cortex-m3"'],
  };
  compile(m3, folder);
}
