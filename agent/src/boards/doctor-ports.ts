import { access, constants } from 'node:fs/promises';
import { errorText, isLabError } from '@hilltop/contracts';
import type { FoundPort } from '@hilltop/firmware-bridge';
import type { BoardSpec } from './board-spec.js';
import type { OpenedBoard } from './opened-board.js';

/** One line of the check-up: a port or an emulator, and who answered there. */
export interface CheckedPort {
  readonly port: string;
  /** What the system knows of it. */
  readonly usb?: string;
  /** The board that answered. */
  readonly board?: {
    readonly name: string;
    readonly cpu: string;
    readonly driver: string;
    readonly firmware: string;
    readonly model?: string;
  };
  /** Why nothing did, or that nobody was asked. */
  readonly why?: string;
  readonly remedy?: string;
}

export interface PortCheck {
  readonly ports: readonly FoundPort[];
  /** Named on the command line: asked whatever they are. */
  readonly specs: readonly BoardSpec[];
  readonly open: (spec: BoardSpec, before: undefined) => Promise<OpenedBoard>;
  readonly mayUse?: (path: string) => Promise<boolean>;
}

/**
 * Asks who is at each port. A port without USB behind it is asked only when it was named: a modem or a machine tool there would
 * take our question for a command. The emulator is always tried. Never throws.
 */
export async function checkPorts({ ports, specs, open, mayUse = canUse }: PortCheck): Promise<CheckedPort[]> {
  const named = specs.filter(({ port }) => port !== 'auto');
  const found = ports
    .filter(({ path }) => !named.some((spec) => spec.port === path))
    .map((port): { spec: BoardSpec; port: FoundPort } => ({ spec: { port: port.path, driver: 'auto' }, port }));
  const emulator: BoardSpec = { port: 'emulator:pico', driver: 'smp' };
  const out: CheckedPort[] = [];
  for (const { spec, port } of [
    ...named.map((spec) => ({ spec, port: ports.find(({ path }) => path === spec.port) })),
    ...found,
    ...(named.some((spec) => spec.port === emulator.port) ? [] : [{ spec: emulator, port: undefined }]),
  ]) {
    const usb = port?.vendorId && `${port.manufacturer ?? 'USB'} ${port.vendorId}:${port.productId ?? '?'}`;
    const line = { port: spec.port, ...(usb && { usb }) };
    if (spec.port.startsWith('/') && !(await mayUse(spec.port))) {
      out.push({
        ...line,
        why: 'this user may not use it',
        remedy: 'sudo usermod -aG dialout $USER, then sign in again (on some systems the group is uucp)',
      });
    } else if (port && !port.vendorId && !named.includes(spec)) {
      out.push({ ...line, why: `not asked; name it to do so: --serial ${spec.port}` });
    } else out.push({ ...line, ...(await ask(spec, open)) });
  }
  return out;
}

async function ask(spec: BoardSpec, open: PortCheck['open']): Promise<Pick<CheckedPort, 'board' | 'why' | 'remedy'>> {
  let opened: OpenedBoard;
  try {
    opened = await open(spec, undefined);
  } catch (error) {
    if (isLabError(error, 'device.busy')) return { why: 'in use, perhaps by a running agent' };
    if (isLabError(error, 'device.no-answer'))
      return {
        why: 'no board answers',
        remedy:
          'flash the firmware that ships with the lab (docs/microcontrollers.md), and check wiring and baud rate: a Pico answers at its own USB socket, an STM32F405 needs a UART adapter',
      };
    return parted(errorText(error), spec.port);
  }
  await opened.close();
  const { cpu, driver, firmware, model } = opened.facts;
  return { board: { name: opened.name, cpu, driver, firmware, ...(model !== undefined && { model }) } };
}

/** A message, without the port it begins with, and the remedy behind its semicolon. */
function parted(message: string, port: string): Pick<CheckedPort, 'why' | 'remedy'> {
  const [why = message, remedy] = message.replace(`${port} `, '').split('; ', 2);
  return { why, ...(remedy !== undefined && { remedy }) };
}

/** Whether this user may read and write it; one that is not there is somebody else's finding. */
function canUse(path: string): Promise<boolean> {
  return access(path, constants.R_OK | constants.W_OK).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'EACCES' && error.code !== 'EPERM',
  );
}

/** The line for people. */
export function checkedPortText({ port, usb, board, why }: CheckedPort): string {
  const who = board
    ? `${board.name}, ${board.cpu}, ${board.driver} ${board.firmware}${board.model === undefined ? '' : ` with ${board.model} inside`}`
    : why;
  return `${port}${usb ? ` (${usb})` : ''}: ${who}`;
}
