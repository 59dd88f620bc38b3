import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  decodeColumn,
  evaluationOrder,
  type FirmwareInput,
  firmwareModelBytes,
  type Observations,
  Observations as ObservationsSchema,
  protocolOf,
} from '@hilltop/contracts';
import { SimulatedTinyDevice, type SimulatedTinyOptions } from '@hilltop/firmware-bridge';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BoardSeat } from '../boards/board-seat.js';
import { openBoard } from '../boards/open-board.js';
import { measure } from '../protocol/measure.js';
import { boardSeat } from '../testing/board-seats.js';
import { copyPlan, FakeBoard } from '../testing/boards.js';
import { labelledSubject } from '../testing/labelled-subject.js';
import { microcontroller } from './microcontroller.js';
import type { Subject } from './runtime.js';

const profile = 'ULPMark for tinyML Firmware V0.0.1';

let dir: string;
const ends: Array<() => unknown> = [];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hilltop-tiny-'));
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await rm(dir, { recursive: true, force: true });
});

/** Its results are its input, as shares of 256. */
const echo = (input: Uint8Array): number[] => [...input].map((byte) => byte / 256);

/** A seat at a simulated device that takes 250 us an inference, and what was asked of it. */
async function seated(
  options: Partial<SimulatedTinyOptions> = {},
  /** Decides about a command: true keeps it from the device. */
  meddle: (command: string, socket: Socket) => boolean = () => false,
): Promise<{ seat: BoardSeat; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((socket) => {
    const device = new SimulatedTinyDevice(
      { infer: echo, inferenceUs: 250, ...options },
      (bytes) => void socket.write(bytes),
    );
    socket.on('data', (bytes) => {
      const commands = bytes.toString('latin1').split('%').slice(0, -1);
      asked.push(...commands);
      if (!commands.some((command) => meddle(command, socket))) device.receive(bytes);
    });
    socket.setNoDelay();
    socket.on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = `tcp:127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { seat } = boardSeat(new FakeBoard(), {
    spec: port,
    open: () => openBoard({ port, driver: 'mlperf-tiny' }, undefined),
  });
  ends.push(
    () => server.close(),
    () => seat.close(),
  );
  expect(await seat.look()).toBe(true);
  return { seat, asked };
}

const subjectOf = (
  input: FirmwareInput,
  { items, stored = 'uint8', name = 'simulated' }: { items?: number; stored?: 'uint8' | 'float32'; name?: string } = {},
): Promise<Subject> =>
  labelledSubject({
    dir,
    artifact: firmwareModelBytes({ kind: 'firmware-model', name, profile, model: 'ic01', input }),
    board: protocolOf('strict').board!,
    timeoutMs: 20_000,
    items,
    stored,
    values: [200, 3],
  });

async function run(
  seat: BoardSeat,
  subject: Subject,
  items?: number,
  name: 'quick' | 'strict' = 'quick',
  signal = new AbortController().signal,
) {
  const batches: Observations[] = [];
  await measure(
    { runId: 'run_12345678', fence: 1, protocol: protocolOf(name), subject, ...(items !== undefined && { items }) },
    microcontroller({ workDir: dir, board: seat }),
    { onObservations: (batch) => void batches.push(batch), onProgress: () => undefined },
    signal,
  );
  return batches;
}

const column = (batches: readonly Observations[], kind: string, name: string): number[] =>
  batches.filter((b) => b.kind === kind).flatMap((b) => [...decodeColumn(b, name)]);
const loopsOf = (asked: readonly string[]): string[] => asked.filter((command) => /^infer \d{3,}/.test(command));

describe('a model in a firmware', () => {
  it('[MCU-84] strict is five loops of at least 10 s by the device’s clock, timed as a whole, each of another item', async () => {
    const { seat, asked } = await seated();
    const batches = await run(seat, await subjectOf({ type: 'uint8' }, { items: 3 }), undefined, 'strict');
    for (const batch of batches) expect(ObservationsSchema.safeParse(batch).success).toBe(true);
    expect(batches.slice(0, 3).map((b) => [b.block, b.kind, b.rows])).toEqual([
      [0, 'latency', 1],
      [0, 'process', 1],
      [0, 'loop', 1],
    ]);
    const [counts, times] = [column(batches, 'loop', 'inferences'), column(batches, 'loop', 'loop_us')];
    expect([times.length, Math.min(...times) >= 10e6, Math.max(...times) < 12e6]).toEqual([5, true, true]);
    expect(column(batches, 'latency', 'latency_ms')).toEqual(Array(5).fill(0.25));
    expect(times).toEqual(counts.map((count) => count * 250));
    expect(column(batches, 'process', 'measured_ms')).toEqual(times.map((us) => us / 1000));
    // Ten untimed ones before each, as the benchmark has it.
    expect(loopsOf(asked).filter((command) => command === `infer ${counts[0]} 10`)).toHaveLength(5);
    // 31 bytes fit into one command: the items are told apart by it.
    const fed = asked.filter((command) => /^db [0-9a-f]{20}$/.test(command)).map((c) => c.indexOf('c8'));
    expect(fed).toEqual([3, 5, 7, 3, 5]);
  });

  it('[MCU-84] a clock of milliseconds is asked for more inferences before it is believed', async () => {
    const { seat } = await seated({ clockStepUs: 1000, inferenceUs: 9 });
    const batches = await run(seat, await subjectOf({ type: 'uint8' }));
    for (const ms of column(batches, 'latency', 'latency_ms')) expect(ms).toBeCloseTo(0.009, 3);
    expect(Math.min(...column(batches, 'loop', 'loop_us'))).toBeGreaterThanOrEqual(400_000);
  });

  it('[MCU-84] a clock that stands still is a device that lies', async () => {
    const { seat } = await seated({ inferenceUs: 0 });
    await expect(run(seat, await subjectOf({ type: 'uint8' }))).rejects.toMatchObject({
      code: 'device.protocol',
      details: { cause: 'device' },
    });
  });

  it('[MCU-84] one that would take longer than a loop may is the user’s to shorten', async () => {
    const { seat } = await seated({ inferenceUs: 21e6 });
    await expect(run(seat, await subjectOf({ type: 'uint8' }))).rejects.toMatchObject({
      code: 'run.timeout',
      details: { cause: 'user' },
    });
  });

  it.each<[string, FirmwareInput, 'uint8' | 'float32']>([
    ['bytes as they are', { type: 'uint8' }, 'uint8'],
    ['floats at a scale', { type: 'uint8', scale: 2, zeroPoint: 7 }, 'float32'],
  ])('[MCU-85] the items go in their order, %s, and the class is the largest result', async (_, input, stored) => {
    const { seat } = await seated();
    const batches = await run(seat, await subjectOf(input, { items: 20, stored }), 20);
    expect(column(batches, 'evaluation', 'items_planned')).toEqual([20]);
    const items = column(batches, 'item', 'item');
    expect(items).toEqual([...evaluationOrder(20)]);
    expect(column(batches, 'item', 'predicted')).toEqual(items.map((i) => i % 10));
    expect(column(batches, 'item', 'correct')).toEqual(items.map((i) => (i % 4 === 0 ? 0 : 1)));
  });

  it('[MCU-85] of equal results the first counts: three decimals make many equal', async () => {
    const { seat } = await seated({ infer: () => [0.1, 0.3001, 0.3009, 0, 0, 0, 0, 0, 0, 0] });
    const batches = await run(seat, await subjectOf({ type: 'uint8' }, { items: 4 }), 4);
    expect(column(batches, 'item', 'predicted')).toEqual([1, 1, 1, 1]);
  });

  it('[MCU-85] another number of results is another model', async () => {
    const { seat } = await seated({ infer: () => [0.2, 0.8] });
    await expect(run(seat, await subjectOf({ type: 'uint8' }, { items: 4 }), 4)).rejects.toMatchObject({
      code: 'variant.interface-mismatch',
      message: expect.stringContaining('2 results, the model 10'),
      details: { cause: 'user' },
    });
  });

  it('[MCU-83] a device that says otherwise than the artifact is not measured', async () => {
    const { seat, asked } = await seated({ model: 'kws01' });
    await expect(run(seat, await subjectOf({ type: 'uint8' }, { name: 'acme' }))).rejects.toMatchObject({
      code: 'plan.unsupported',
      message: expect.stringContaining('its name is simulated, not acme, its model is kws01, not ic01'),
      details: { cause: 'user' },
    });
    expect(asked.some((command) => command.startsWith('infer'))).toBe(false);
  });

  it('[MCU-83] neither is a plan given to it, nor such a variant to a board that runs plans', async () => {
    const { seat } = await seated();
    const subject = await subjectOf({ type: 'uint8' });
    const board = new FakeBoard();
    const { seat: other } = boardSeat(board);
    ends.push(() => other.close());
    await other.look();
    const refused = { code: 'plan.unsupported', details: { cause: 'user' } };
    await expect(run(other, subject)).rejects.toMatchObject(refused);
    const plan = copyPlan();
    await writeFile(subject.artifact.path, plan);
    await expect(
      run(seat, { ...subject, artifact: { ...subject.artifact, bytes: plan.length } }),
    ).rejects.toMatchObject(refused);
  });

  it.each<[string, RegExp, (socket: Socket) => void, string]>([
    ['hangs in a loop', /^infer \d{3}/, () => undefined, 'device.no-answer'],
    [
      'starts over in the evaluation',
      /^infer 1 0/,
      (socket) => socket.write('m-init-done\r\nm-ready\r\n'),
      'device.rebooted',
    ],
    ['is unplugged while an item goes over', /^db [0-9a-f]{20}/, (socket) => socket.destroy(), 'device.unplugged'],
  ])('[MCU-5] one that %s ends the run as the device’s, and does the next one well', async (_, when, what, code) => {
    let once = true;
    const { seat } = await seated({}, (command, socket) => {
      if (!once || !when.test(command)) return false;
      once = false;
      what(socket);
      return true;
    });
    const subject = await subjectOf({ type: 'uint8' }, { items: 4 });
    await expect(run(seat, { ...subject, timeoutMs: 500 }, 4)).rejects.toMatchObject({
      code,
      details: { cause: 'device' },
    });
    await seat.look();
    expect(column(await run(seat, subject, 4), 'item', 'item')).toHaveLength(4);
  });

  it('[MCU-7] a cancelled run ends in the middle of a loop, and the next one waits for no old answer', async () => {
    const cancel = new AbortController();
    let late: Socket | undefined;
    const { seat } = await seated({}, (command, socket) => {
      if (late || !/^infer \d{3}/.test(command)) return false;
      late = socket;
      cancel.abort(new Error('cancelled'));
      return true;
    });
    const subject = await subjectOf({ type: 'uint8' }, { items: 4 });
    await expect(run(seat, subject, 4, 'quick', cancel.signal)).rejects.toThrow('cancelled');
    late!.write('m-lap-us-1\r\nm-lap-us-2\r\nm-results-[0.1]\r\nm-ready\r\n');
    expect(column(await run(seat, subject, 4), 'latency', 'latency_ms')).toEqual([0.25, 0.25, 0.25]);
  });
});
