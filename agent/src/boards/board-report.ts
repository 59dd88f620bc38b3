import { type DeviceFacts, type DeviceReport, type Labels, Name } from '@hilltop/contracts';
import type { OpenedBoard } from './opened-board.js';

/** Instruction set by the core's name; what is not known is said to be. */
const architectures: ReadonlyArray<readonly [RegExp, string]> = [
  [/m0|m1\b/i, 'thumbv6m'],
  [/m3\b/i, 'thumbv7m'],
  [/m4|m7/i, 'thumbv7em'],
  [/m23/i, 'thumbv8m.base'],
  [/m33|m35|m52|m55|m85/i, 'thumbv8m.main'],
  [/xtensa|lx[67]/i, 'xtensa'],
  [/risc-?v|rv32/i, 'riscv32'],
];

/** A board as the lab gets to know it. `key` is the agent's stable name for it. Pure. */
export function boardReport(
  opened: Pick<OpenedBoard, 'name' | 'facts' | 'identity'>,
  as: { readonly key: string; readonly emulated: boolean; readonly labels: Labels; readonly sick?: string | undefined },
): DeviceReport {
  const { facts: mcu, name: board } = opened;
  const arch = architectures.find(([pattern]) => pattern.test(mcu.cpu))?.[1] ?? 'unknown';
  const facts: DeviceFacts = {
    board: board.slice(0, 200),
    cpu: mcu.cpu,
    cpuFeatures: [],
    cores: 1,
    memoryBytes: mcu.ramBytes ?? 0,
    arch,
    os: 'none',
    runtimes: [{ name: 'microcontroller', version: mcu.firmware.slice(0, 64), providers: ['cpu'] }],
    // Its own counter with interrupts masked; a benchmark's firmware gives microseconds of unknown origin.
    evidence: mcu.ticks === undefined ? [] : ['ticks'],
    mcu,
  };
  return {
    key: as.key,
    name: boardName(board, as.emulated),
    kind: 'microcontroller',
    type: boardType(board, mcu),
    emulated: as.emulated,
    labels: as.labels,
    facts,
    ...(as.sick !== undefined && { health: { state: 'unhealthy', reason: as.sick.slice(0, 300) } }),
  };
}

/** Class of boards that should measure alike: board, core and clock, firmware. */
function boardType(board: string, { cpu, hz, driver, firmware }: DeviceFacts['mcu'] & object): string {
  const clock = hz === undefined ? '' : ` ${Number((hz / 1e6).toPrecision(6))} MHz`;
  return `${board}/${cpu}${clock}/${driver} ${firmware}`.slice(0, 300);
}

/** A board's name may hold what a device's may not. One without blanks stays so: it is typed on command lines. */
function boardName(board: string, emulated: boolean): string {
  const name = Name.safeParse(
    `${emulated ? (board.includes(' ') ? 'emulated ' : 'emulated-') : ''}${board}`
      .replace(/[^\p{L}\p{N} ._+-]/gu, '-')
      .replace(/^[^\p{L}\p{N}]+/u, '')
      .trim()
      .slice(0, 100),
  );
  return name.success ? name.data : 'board';
}
