import { LabError } from '@hilltop/contracts';
import type { Board, BoardInfo } from '@hilltop/firmware-bridge';

/** Largest count that a board's answer can hold. */
const most = 2 ** 32 - 1;

/**
 * A board on QEMU with `-icount shift=N`. Its time is the count of its instructions, 2^N ns each, so its counter says nothing of cycles:
 * ticks become instructions, ticks x 1e9 / (hz x 2^N), and `hz` the instructions of a second of that time. Throws `device.protocol` where
 * 32 bits do not hold the count.
 */
export function countedInstructions(board: Board, info: Pick<BoardInfo, 'hz'>, shift: number): Board {
  const hz = 1e9 / 2 ** shift;
  const perTick = hz / info.hz;
  const counted = (ticks: number): number => {
    const instructions = Math.round(ticks * perTick);
    if (instructions <= most) return instructions;
    throw new LabError('device.protocol', `${instructions} instructions are more than 32 bits count`, {
      cause: 'device',
    });
  };
  return {
    identity: board.identity,
    info: async (options) => ({ ...(await board.info(options)), hz, ticksKind: 'instructions' }),
    upload: (plan, options) => board.upload(plan, options),
    load: (sha256, options) => board.load(sha256, options),
    infer: async ({ onTicks, ...options }) => {
      const ticks = await board.infer({
        ...options,
        ...(onTicks && { onTicks: (some) => onTicks(some.map(counted)) }),
      });
      return ticks.map(counted);
    },
    runItem: async (input, options) => {
      const { output, ticks } = await board.runItem(input, options);
      return { output, ticks: counted(ticks) };
    },
    layers: async (options) =>
      (await board.layers(options)).map((layer) => ({ ...layer, ticks: counted(layer.ticks) })),
    erase: () => board.erase(),
    reset: () => board.reset(),
    onConsole: (listener) => board.onConsole(listener),
    write: (bytes) => board.write(bytes),
    onClose: (listener) => board.onClose(listener),
    wire: () => board.wire(),
    close: () => board.close(),
  };
}
