// The sample model, quantized and compiled as the lab does it, on every board that can be had without one: the same bytes everywhere.

import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { applyRecipe, type CompiledPlan, compilePlan, createHost, findRecipe, readNpz } from '@hilltop/compression';
import { type Board, openSmpBoard } from '@hilltop/firmware-bridge';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWithCompiler, onPath } from '../support/describe-with-qemu.js';
import { startEmulatedPico } from '../support/emulated-pico.js';
import { buildHostFirmware, startHostFirmware } from '../support/host-firmware.js';
import { startQemuBoard, type TestBoard } from '../support/qemu.js';

const example = (path: string): Uint8Array =>
  new Uint8Array(readFileSync(fileURLToPath(new URL(`../../examples/${path}`, import.meta.url))));
const items = 4;

/** Board and firmware open on its port. */
async function withBoard<T>(machine: TestBoard, work: (board: Board) => Promise<T>): Promise<T> {
  const port = await machine.open();
  try {
    return await work(await openSmpBoard(port));
  } catch (error) {
    throw new Error(`${String(error)}\n${machine.log()}`, { cause: error });
  } finally {
    await port.close();
    await machine.stop();
  }
}

describeWithCompiler('the sample model on every board', () => {
  const host = createHost();
  let compiled: CompiledPlan;
  let sha256: string;
  let program: string;
  let expected: Uint8Array[];

  const inputs = (): Uint8Array[] => {
    const { bytes } = compiled.facts.inputs[0]!;
    // Every byte there is, in an order of its own for each item.
    return Array.from({ length: items }, (_, item) =>
      Uint8Array.from({ length: bytes }, (_byte, i) => ((i + item) * 2_654_435_761) >>> 13),
    );
  };
  const outputsOf = async (board: Board): Promise<Uint8Array[]> => {
    await board.upload(compiled.plan);
    const loaded = await board.load(sha256);
    expect(loaded.arenaBytes).toBe(compiled.facts.arenaBytes);
    const outputs: Uint8Array[] = [];
    for (const input of inputs()) outputs.push((await board.runItem(input)).output);
    return outputs;
  };

  beforeAll(async () => {
    const calibration = await readNpz(example('data/fashion-calibration.npz'));
    const model = example('models/fashion-resnet-micro.onnx');
    const { artifact } = await applyRecipe({ model, recipe: findRecipe('int8-static'), calibration, host });
    compiled = await compilePlan(artifact, { host });
    sha256 = createHash('sha256').update(compiled.plan).digest('hex');
    program = buildHostFirmware();
    expected = await withBoard(await startHostFirmware(program), outputsOf);
  });
  afterAll(() => {
    if (program) rmSync(dirname(program), { recursive: true, force: true });
  });

  it('tells its inputs apart', () => {
    expect(new Set(expected.map((output) => Buffer.from(output).toString('hex'))).size).toBeGreaterThan(1);
  });

  it('[MCU-63] gives the same outputs on the emulated Pico, in the same ticks translated and interpreted', async () => {
    const [translated, interpreted] = await Promise.all(
      [true, false].map(async (translate) =>
        withBoard(await startEmulatedPico({ translate }), async (board) => ({
          outputs: await outputsOf(board),
          ticks: await board.infer({ inferences: 4, warmUp: 1 }),
          layers: await board.layers(),
        })),
      ),
    );
    expect(translated!.outputs).toEqual(expected);
    expect(new Set(translated!.ticks).size).toBe(1);
    expect(translated!.layers.map(({ macs }) => macs)).toEqual(compiled.layers.map(({ macs }) => macs));
    expect(interpreted).toEqual(translated);
  });

  it("[MCU-68] gives on the emulated Pico's USB the outputs and ticks it gives on its UART", async () => {
    const [uart, usb] = await Promise.all(
      (['uart', 'usb'] as const).map(async (line) =>
        withBoard(await startEmulatedPico({ line }), async (board) => ({
          outputs: await outputsOf(board),
          ticks: await board.infer({ inferences: 4, warmUp: 1 }),
          layers: await board.layers(),
        })),
      ),
    );
    expect(usb!.outputs).toEqual(expected);
    expect(new Set(usb!.ticks).size).toBe(1);
    expect(usb).toEqual(uart);
  });

  (onPath('qemu-system-arm') ? describe : describe.skip)('of QEMU', () => {
    it.each(['stm32f405', 'mps2-an386', 'mps2-an500'])(
      'gives the same outputs on %s, in the same ticks every time',
      async (name) => {
        const { outputs, ticks, layers } = await withBoard(await startQemuBoard(name), async (board) => ({
          outputs: await outputsOf(board),
          ticks: await board.infer({ inferences: 4, warmUp: 1 }),
          layers: await board.layers(),
        }));
        expect(outputs).toEqual(expected);
        expect(new Set(ticks).size).toBe(1);
        expect(layers.map(({ macs }) => macs)).toEqual(compiled.layers.map(({ macs }) => macs));
        // The layers' ticks are the whole's but for the bookkeeping between them.
        const sum = layers.reduce((total, layer) => total + layer.ticks, 0);
        expect(sum).toBeLessThanOrEqual(ticks[0]! * 1.01);
        expect(sum).toBeGreaterThan(ticks[0]! * 0.95);
      },
    );
  });
});
