import type { BoardFacts } from '@hilltop/contracts';
import type { Board, PortIdentity, TinyDevice } from '@hilltop/firmware-bridge';

/** A board that was opened and said what it is. */
export interface OpenedBoard {
  readonly identity: PortIdentity;
  /** The board's own name, e.g. `Raspberry Pi Pico`. */
  readonly name: string;
  readonly facts: BoardFacts;
  /** What runs plans; absent for firmware that has its model inside. */
  readonly board?: Board;
  /** Such firmware. */
  readonly tiny?: TinyDevice;
  readonly onConsole: (listener: (text: string) => void) => () => void;
  /** Bytes beside its protocol. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Told once, when the port is gone. */
  readonly onClose: (listener: () => void) => () => void;
  readonly close: () => Promise<void>;
  /** An emulated board's buttons. */
  readonly emulator?: {
    readonly restart: () => Promise<void>;
    /** Stops its time while this machine is measured. */
    readonly pause: () => Promise<void>;
    readonly resume: () => Promise<void>;
  };
}

/** A board that runs plans, once it has said what it is. Throws what `info` throws. */
export async function openedBoard(board: Board): Promise<OpenedBoard> {
  const info = await board.info();
  return {
    identity: board.identity,
    name: info.board,
    facts: {
      cpu: info.cpu,
      hz: info.hz,
      ticks: info.ticksKind,
      ramBytes: info.ramBytes,
      driver: 'smp',
      firmware: info.firmware,
    },
    board,
    onConsole: (listener) => board.onConsole(listener),
    write: (bytes) => board.write(bytes),
    onClose: (listener) => board.onClose(() => listener()),
    close: () => board.close(),
  };
}
