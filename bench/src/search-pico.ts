import { createHash } from 'node:crypto';
import { type CompiledPlan, compilePlan, type Host } from '@hilltop/compression';
import { LabError } from '@hilltop/contracts';
import {
  type Board,
  type BoardInfo,
  EmulatedPico,
  fitCheck,
  openEmulatedPort,
  openSmpBoard,
  readFirmware,
} from '@hilltop/firmware-bridge';
import type { RecordedProtocol, RecordedResult } from './recording.js';

/** The count is the same each time: more inferences cost device time and tell nothing else. */
export const boardProtocols = {
  quick: { blocks: 1, inferences: 1 },
  standard: { blocks: 1, inferences: 3 },
} as const satisfies Record<string, RecordedProtocol>;

/** The emulated Pico with the firmware that ships, over its serial line. */
export class PicoDevice {
  private constructor(
    private readonly pico: EmulatedPico,
    private readonly board: Board,
    private readonly info: BoardInfo,
  ) {}

  static async open(): Promise<PicoDevice> {
    const pico = new EmulatedPico({ image: readFirmware('pico') });
    try {
      const board = await openSmpBoard(await openEmulatedPort(pico));
      return new PicoDevice(pico, board, await board.info());
    } catch (error) {
      await pico.close();
      throw error;
    }
  }

  /** Throws what the compiler throws, and `plan.too-large`. */
  async planOf(artifact: Uint8Array, host: Host): Promise<CompiledPlan> {
    const compiled = await compilePlan(artifact, { host });
    const { facts } = compiled;
    const { fits } = fitCheck(this.info, { planBytes: facts.bytes, arenaBytes: facts.arenaBytes });
    if (!fits) throw new LabError('plan.too-large', 'it does not fit this board', {});
    return compiled;
  }

  /** One run after the other: the plan is sent once, and its time counts for both, as each would have to send it. */
  async runs({ plan }: CompiledPlan): Promise<Record<keyof typeof boardProtocols, RecordedResult>> {
    const began = performance.now();
    await this.board.upload(plan);
    const { inputBytes } = await this.board.load(createHash('sha256').update(plan).digest('hex'));
    const { ticks } = await this.board.runItem(new Uint8Array(inputBytes).fill(17));
    const sent = (performance.now() - began) / 1000;
    const timed = async (inferences: number): Promise<RecordedResult> => {
      const start = performance.now();
      const more = await this.board.infer({ inferences });
      const all = [ticks, ...more].map((count) => (1000 * count) / this.info.hz);
      const exact = (value: number): number => Number(value.toPrecision(7));
      const sorted = all.toSorted((a, b) => a - b);
      return {
        latencyMs: [exact(sorted[sorted.length >> 1]!), exact(sorted[0]!), exact(sorted.at(-1)!)],
        seconds: Number((sent + (performance.now() - start) / 1000).toFixed(3)),
      };
    };
    return {
      quick: await timed(boardProtocols.quick.inferences),
      standard: await timed(boardProtocols.standard.inferences),
    };
  }

  async close(): Promise<void> {
    await this.board.close();
    await this.pico.close();
  }
}
