import {
  type BytePort,
  listPorts,
  openEmulator,
  openPort,
  openSmpBoard,
  type PortIdentity,
  portIdentities,
  probePort,
  type SmpBoardOptions,
  TinyDevice,
} from '@hilltop/firmware-bridge';
import { type BoardSpec, emulatorName } from './board-spec.js';
import { countedInstructions } from './counted-instructions.js';
import { type OpenedBoard, openedBoard } from './opened-board.js';

/**
 * Opens a board's port and asks who is there. `before`: as whom it was known; a USB board is found again under another name.
 * Throws `device.offline`, `device.busy`, `device.no-answer` ...; the port is closed then.
 */
export async function openBoard(
  spec: BoardSpec,
  before: PortIdentity | undefined,
  signal?: AbortSignal,
): Promise<OpenedBoard> {
  const emulator = emulatorName(spec);
  if (emulator !== undefined) return openEmulated(emulator);
  const name = await whereIs(spec.port, before);
  const port = await openPort(name, spec.baudRate === undefined ? {} : { baudRate: spec.baudRate });
  try {
    const probed = await probePort(port, { driver: spec.driver, ...(signal && { signal }) });
    return probed.protocol === 'smp' ? await openSmp(port, {}, spec.icount) : await openTiny(port, probed.name);
  } catch (error) {
    await port.close();
    throw error;
  }
}

/** Ports are numbered in the order they are plugged in: what was `ttyACM0` may be `ttyACM1` now. */
async function whereIs(name: string, before: PortIdentity | undefined): Promise<string> {
  if (!before || !name.startsWith('/dev/')) return name;
  const { ports } = await listPorts();
  return portIdentities(ports).find((port) => port.key === before.key)?.name ?? name;
}

/** What is said while it starts is lost, and a machine that emulates on a busy core answers late: short waits, many of them. */
const emulatedPatience: SmpBoardOptions = { timeoutMs: 1000, attempts: 8 };

/** Switches on an emulated board with the firmware that ships. It is off again when it is closed: the next one starts anew. */
async function openEmulated(name: string): Promise<OpenedBoard> {
  const { port, board: pico } = await openEmulator(name);
  try {
    return {
      ...(await openSmp(port, emulatedPatience)),
      emulator: { restart: () => pico.reset(), pause: () => pico.pause(), resume: () => pico.resume() },
    };
  } catch (error) {
    await port.close();
    throw error;
  }
}

async function openSmp(port: BytePort, options: SmpBoardOptions, icount?: number): Promise<OpenedBoard> {
  const direct = await openSmpBoard(port, options);
  return openedBoard(icount === undefined ? direct : countedInstructions(direct, await direct.info(), icount));
}

async function openTiny(port: BytePort, name: string): Promise<OpenedBoard> {
  const device = new TinyDevice(port);
  const { profile, model } = await device.profile();
  return {
    identity: device.identity,
    name,
    facts: { cpu: 'unknown', driver: 'mlperf-tiny', firmware: profile, profile, model },
    tiny: device,
    onConsole: (listener) => device.onConsole((line) => listener(`${line}\n`)),
    write: (bytes) => device.write(bytes),
    onClose: (listener) => device.onClose(() => listener()),
    close: () => device.close(),
  };
}
