import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  decodeColumn,
  evaluationOrder,
  modelCommands,
  type Observations,
  Observations as ObservationsSchema,
  protocolOf,
} from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BoardSeat } from '../boards/board-seat.js';
import { measure, type Progress } from '../protocol/measure.js';
import { boardSeat } from '../testing/board-seats.js';
import { copyPlan, FakeBoard, type FakeBoardOptions } from '../testing/boards.js';
import { labelledSubject } from '../testing/labelled-subject.js';
import { plannedItems } from './board-items.js';
import { boardProtocol, microcontroller } from './microcontroller.js';
import type { Subject } from './runtime.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hilltop-board-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const rule = {
  loopMinMs: 20,
  loopMinInferences: 3,
  warmUpInferences: 2,
  emulatedInferences: 3,
  emulatedMaxMs: 10_000,
  evaluationMaxMs: 30_000,
};
const protocol = { ...protocolOf('quick'), blocks: 2, board: rule };

const subjectOf = (plan: Uint8Array, items?: number): Promise<Subject> =>
  labelledSubject({ dir, artifact: plan, board: rule, timeoutMs: 5000, items });

async function run(
  seat: BoardSeat,
  subject: Subject,
  over: {
    items?: number;
    signal?: AbortSignal;
    onProgress?: (p: Progress) => void;
    onBatch?: (b: Observations) => void;
  } = {},
) {
  const batches: Observations[] = [];
  const driver = microcontroller({ workDir: dir, board: seat });
  await measure(
    { runId: 'run_12345678', fence: 1, protocol, subject, ...(over.items !== undefined && { items: over.items }) },
    driver,
    {
      onObservations: (batch) => {
        batches.push(batch);
        over.onBatch?.(batch);
      },
      onProgress: (p) => over.onProgress?.(p),
    },
    over.signal ?? new AbortController().signal,
  );
  return batches;
}

async function seated(options: FakeBoardOptions = {}, seatOptions = {}) {
  const board = new FakeBoard({ ticks: () => 2500, ...options });
  const made = boardSeat(board, seatOptions);
  expect(await made.seat.look()).toBe(true);
  return { board, ...made };
}

const column = (batches: readonly Observations[], kind: string, name: string, block?: number): number[] =>
  batches
    .filter((b) => b.kind === kind && (block === undefined || b.block === block))
    .flatMap((b) => [...decodeColumn(b, name)]);

describe('microcontroller', () => {
  it('[MCU-1] measures blocks: a load each, ticks and the same in ms, until device time and inferences are enough', async () => {
    const { seat, board } = await seated();
    const batches = await run(seat, await subjectOf(copyPlan()));
    for (const batch of batches) expect(ObservationsSchema.safeParse(batch).success).toBe(true);
    expect(batches.map((b) => [b.block, b.kind])).toEqual([
      [0, 'latency'],
      [0, 'ticks'],
      [0, 'process'],
      [0, 'board'],
      [0, 'layer'],
      [1, 'latency'],
      [1, 'ticks'],
      [1, 'process'],
      [1, 'board'],
    ]);
    // 2500 ticks at 1 MHz: 8 inferences are 20 ms.
    expect(column(batches, 'ticks', 'ticks', 0)).toEqual(new Array(8).fill(2500));
    expect(column(batches, 'latency', 'latency_ms', 1)).toEqual(new Array(8).fill(2.5));
    expect(column(batches, 'process', 'measured_ms')).toEqual([20, 20]);
    expect(column(batches, 'process', 'peak_bytes')).toEqual([Number.NaN, Number.NaN]);
    expect(column(batches, 'board', 'arena_bytes')).toEqual([32, 32]);
    expect(column(batches, 'board', 'stack_bytes')).toEqual([640, 640]);
    expect(column(batches, 'layer', 'ticks')).toEqual([100]);
    const commands = board.firmware.requests.filter((r) => r.group === 64).map((r) => r.command);
    expect(commands.filter((c) => c === modelCommands.load)).toHaveLength(2);
    // Two untimed ones before each loop, beside the first.
    expect(
      board.firmware.requests
        .filter((r) => r.command === modelCommands.infer)
        .reduce((n, r) => n + Number(r.fields.warm ?? 0), 0),
    ).toBeGreaterThanOrEqual(2);
  });

  it('[ENERGY-11] marks its loops and the waits for idle power, as well as the host knows: half of a question and its answer', async () => {
    const { seat, board } = await seated();
    const order: string[] = [];
    board.onRequest = (command, fields) => {
      if (command === modelCommands.infer) order.push(`infer ${fields['n'] ?? 1} ${fields['warm'] ?? 0}`);
      return undefined;
    };
    const driver = microcontroller({ workDir: dir, board: seat });
    const { moments } = await driver.block(
      await subjectOf(copyPlan()),
      { minMs: 0, minInferences: 3, maxMs: 0 },
      { minMs: 20, minInferences: 3, idleBeforeMs: 2, idleAfterMs: 3 },
      { onIdle: (idle) => order.push(idle ? 'rests' : 'goes on') },
      new AbortController().signal,
    );
    expect(moments!.map(({ mark }) => mark)).toEqual([
      'idle-start',
      'idle-end',
      'loop-start',
      'loop-end',
      'idle-start',
      'idle-end',
    ]);
    const at = moments!.map(({ atMs }) => atMs);
    expect(at).toEqual([...at].sort((a, b) => a - b));
    // A timer may be early by what its clock is coarse.
    expect(at[1]! - at[0]!).toBeGreaterThan(1);
    expect(at[5]! - at[4]!).toBeGreaterThan(2);
    for (const { clockMs } of moments!) expect([clockMs! > 0, clockMs]).toEqual([true, moments![0]!.clockMs]);
    // The untimed ones have a request of their own, before the mark.
    expect(order.slice(0, 4)).toEqual(['infer 1 0', 'rests', 'goes on', 'infer 1 2']);
    // The ticks by layer take one more, after everything.
    expect(order.slice(-3)).toEqual(['rests', 'goes on', 'infer 1 0']);
    expect(order.filter((line) => /^infer .* [1-9]/.test(line))).toHaveLength(1);
  });

  it('[MCU-2] an emulated board does a stated number of inferences a loop; instructions are no latency', async () => {
    const { seat } = await seated({ says: { ticks: 'instructions' } });
    expect(seat.report()?.emulated).toBe(true);
    const batches = await run(seat, await subjectOf(copyPlan()));
    expect(column(batches, 'ticks', 'ticks', 0)).toEqual([2500, 2500, 2500]);
    expect(batches.filter((b) => b.kind === 'latency')).toEqual([]);
    expect(column(batches, 'process', 'load_ms')).toEqual([Number.NaN, Number.NaN]);
  });

  it('[MCU-2] strict is the rule of MLPerf Tiny: five loops of at least 10 s; nothing of it is stopped early', () => {
    expect(boardProtocol(protocolOf('strict'), false)).toMatchObject({
      blocks: 5,
      blockMinMs: 10_000,
      blockMinInferences: 10,
    });
    expect(boardProtocol(protocolOf('strict'), true)).toMatchObject({
      blocks: 5,
      blockMinMs: 0,
      blockMinInferences: 10,
    });
    expect(boardProtocol(protocolOf('strict'), false).earlyStopping).toBeUndefined();
  });

  it('[MCU-3] evaluates item by item on the board and says of how many', async () => {
    const { seat } = await seated();
    const progress: Progress[] = [];
    const batches = await run(seat, await subjectOf(copyPlan(), 100), {
      items: 100,
      onProgress: (p) => progress.push(p),
    });
    expect([column(batches, 'evaluation', 'items_total'), column(batches, 'evaluation', 'items_planned')]).toEqual([
      [100],
      [100],
    ]);
    const items = column(batches, 'item', 'item');
    expect(items).toEqual([...evaluationOrder(100)]);
    expect(column(batches, 'item', 'predicted')).toEqual(items.map((i) => i % 10));
    expect(column(batches, 'item', 'correct')).toEqual(items.map((i) => (i % 4 === 0 ? 0 : 1)));
    const fractions = progress.map((p) => p.fraction);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
    expect(progress.some((p) => p.phase === 'loading' && p.totalBytes === copyPlan().length)).toBe(true);
  });

  it('[MCU-3] where time is short it takes the beginning of the order, at least 64 items', async () => {
    const { seat } = await seated();
    const subject = { ...(await subjectOf(copyPlan(), 300)), board: { ...rule, evaluationMaxMs: 0 } };
    const batches = await run(seat, subject, { items: 300 });
    expect(column(batches, 'evaluation', 'items_planned')).toEqual([64]);
    expect(column(batches, 'item', 'item')).toEqual([...evaluationOrder(300, 64)]);
    expect([plannedItems(2500, 10, 30_000), plannedItems(2500, 100, 30_000), plannedItems(50, 1e6, 1)]).toEqual([
      2500, 256, 50,
    ]);
  });

  it('[MCU-4] refuses with the numbers what does not fit, and what is no plan', async () => {
    const plan = copyPlan();
    const { seat, board } = await seated({ ramBytes: 200 });
    const refused = run(seat, await subjectOf(plan));
    await expect(refused).rejects.toMatchObject({ code: 'plan.too-large', details: { cause: 'user' } });
    await expect(refused).rejects.toThrow(`${plan.length + 32} bytes of memory`);
    expect(board.firmware.requests.some((r) => r.command === modelCommands.upload && r.group === 64)).toBe(false);
    await expect(run(seat, await subjectOf(new Uint8Array(64)))).rejects.toMatchObject({
      code: 'artifact.corrupt',
      details: { cause: 'user' },
    });
  });
});

describe('a board that fails in mid-run', () => {
  const cases = [
    ['upload', modelCommands.upload],
    ['inference', modelCommands.infer],
  ] as const;
  it.each(cases)(
    '[MCU-5] unplugged in mid-%s: the run ends for it, and the device is not there',
    async (_name, command) => {
      const { seat, board, changes } = await seated();
      board.onRequest = (asked) => {
        if (asked === command) board.unplug();
        return undefined;
      };
      await expect(run(seat, await subjectOf(copyPlan()))).rejects.toMatchObject({
        code: 'device.unplugged',
        details: { cause: 'device' },
      });
      expect(changes).toEqual(['here', 'gone']);
      expect(seat.report()).toBeUndefined();
      // Not begun on a board that is not there: somebody else's turn, or a later one.
      await expect(run(seat, await subjectOf(copyPlan()))).rejects.toMatchObject({
        code: 'device.unplugged',
        details: { cause: 'infrastructure' },
      });
      board.onRequest = () => undefined;
      board.plug();
      expect(await seat.look()).toBe(true);
      expect(changes).toEqual(['here', 'gone', 'here']);
      expect((await run(seat, await subjectOf(copyPlan()))).length).toBeGreaterThan(0);
    },
  );

  it('[MCU-5] unplugged in mid-evaluation: what was observed before is kept', async () => {
    const { seat, board } = await seated();
    let inferred = 0;
    board.onRequest = (asked, fields) => {
      if (asked === modelCommands.infer && fields.out === true && ++inferred > 40) board.unplug();
      return undefined;
    };
    const batches: Observations[] = [];
    await expect(
      run(seat, await subjectOf(copyPlan(), 100), { items: 100, onBatch: (b) => batches.push(b) }),
    ).rejects.toMatchObject({ code: 'device.unplugged', details: { cause: 'device' } });
    expect(batches.map((b) => b.kind)).toContain('item');
  });

  it('[MCU-5] one that hangs is reset and works again', async () => {
    const { seat, board, changes } = await seated();
    const boots = board.firmware.bootCount;
    board.onRequest = (asked) => (asked === modelCommands.upload ? 'swallow' : undefined);
    const late = run(seat, await subjectOf(copyPlan()));
    await expect(late).rejects.toMatchObject({ code: 'device.no-answer', details: { cause: 'device' } });
    await expect(late).rejects.toThrow('it was reset and answers again');
    expect(board.firmware.bootCount).toBe(boots + 1);
    board.onRequest = () => undefined;
    expect((await run(seat, await subjectOf(copyPlan()))).length).toBeGreaterThan(0);
    expect(changes).toEqual(['here']);
  });

  it('[MCU-5] one that hangs for good is unhealthy, with the reason, until it answers', async () => {
    const { seat, board, changes } = await seated();
    const answered = board.firmware.fault!;
    board.onRequest = (asked) => {
      if (asked !== modelCommands.upload) return undefined;
      // From here on nothing is heard of it.
      board.firmware.fault = () => undefined;
      return 'swallow';
    };
    await expect(run(seat, await subjectOf(copyPlan()))).rejects.toThrow('is out of use until it does');
    expect(changes).toEqual(['here', 'unhealthy']);
    expect(seat.report()?.health).toEqual({
      state: 'unhealthy',
      reason: expect.stringContaining('press its reset button'),
    });
    await expect(run(seat, await subjectOf(copyPlan()))).rejects.toMatchObject({
      code: 'device.unhealthy',
      details: { cause: 'infrastructure' },
    });
    expect(await seat.look()).toBe(false);
    board.firmware.fault = answered;
    board.onRequest = () => undefined;
    expect(await seat.look()).toBe(true);
    expect(changes).toEqual(['here', 'unhealthy', 'here']);
  });

  it('[MCU-7] cancelled while the board is being reset, the run does not wait for it', async () => {
    const { seat, board } = await seated();
    const cancel = new AbortController();
    const answered = board.firmware.fault!;
    board.onRequest = (asked) => {
      if (asked !== modelCommands.upload) return undefined;
      board.firmware.fault = (request) => {
        // The first question after the reset: now it is being brought back.
        if (request.group === 0) cancel.abort(new Error('enough'));
        return undefined;
      };
      return 'swallow';
    };
    await expect(run(seat, await subjectOf(copyPlan()), { signal: cancel.signal })).rejects.toThrow('enough');
    expect(seat.healthy).toBe(true);
    board.firmware.fault = answered;
    board.onRequest = () => undefined;
    expect((await run(seat, await subjectOf(copyPlan()))).length).toBeGreaterThan(0);
  });

  it('[MCU-5] a reboot in mid-run ends the run: its plan is gone', async () => {
    const { seat, board } = await seated();
    let inferred = 0;
    board.onRequest = (asked) => {
      if (asked === modelCommands.infer && ++inferred === 3) board.firmware.reboot();
      return undefined;
    };
    await expect(run(seat, await subjectOf(copyPlan()))).rejects.toMatchObject({
      code: 'device.rebooted',
      details: { cause: 'device' },
    });
  });

  it.each([
    ['ticks', { n: 1, t: new Uint8Array(3) }],
    ['output', { n: 1, t: new Uint8Array(4), out: new Uint8Array(9) }],
  ])('[MCU-5] one that lies about the length of its %s is caught', async (_name, lie) => {
    const { seat, board } = await seated();
    board.onRequest = (asked) => (asked === modelCommands.infer ? lie : undefined);
    await expect(run(seat, await subjectOf(copyPlan()))).rejects.toMatchObject({
      code: 'device.protocol',
      details: { cause: 'device' },
    });
  });

  it('[MCU-5] one whose loaded plan is not the one that was sent is caught', async () => {
    const { seat } = await seated({ layers: 7 });
    await expect(run(seat, await subjectOf(copyPlan()))).rejects.toMatchObject({ code: 'device.protocol' });
  });

  it('[MCU-7] a cancelled run ends at once although the board is in the middle of an inference', async () => {
    const { seat, board } = await seated();
    const cancel = new AbortController();
    let inferred = 0;
    board.onRequest = (asked) => {
      if (asked !== modelCommands.infer || ++inferred < 3) return undefined;
      cancel.abort(new Error('enough'));
      return 'swallow';
    };
    await expect(run(seat, await subjectOf(copyPlan()), { signal: cancel.signal })).rejects.toThrow('enough');
    board.onRequest = () => undefined;
    // The next run looks first.
    expect((await run(seat, await subjectOf(copyPlan()))).length).toBeGreaterThan(0);
  });
});
