import { describe, expect, it } from '@jest/globals';
import { boardFailure, fitCheck } from '../board.js';
import { openPort } from '../open-port.js';
import { type SimulatedBoardOptions, SimulatedSmpBoard } from '../simulated/simulated-smp-board.js';
import { virtualTimer } from '../simulated/virtual-timer.js';
import { tcpDevice, wire } from '../testing/wire.js';
import { openSmpBoard } from './smp-board.js';

const plan = Uint8Array.from({ length: 3000 }, (_, i) => i * 5);

async function opened(options: SimulatedBoardOptions = {}) {
  const wired = wire((send) => new SimulatedSmpBoard(options, send));
  const board = await openSmpBoard(wired.port, { timer: virtualTimer(), requestMs: 64 });
  return { ...wired, board };
}
async function loaded(options: SimulatedBoardOptions = {}) {
  const all = await opened(options);
  const { sha256 } = await all.board.upload(plan);
  return { ...all, sha256, loaded: await all.board.load(sha256) };
}
const inferRequests = (peer: SimulatedSmpBoard) =>
  peer.requests.filter((r) => r.group === 64 && r.command === 4).map(({ fields: { n, warm } }) => ({ n, warm }));

describe('openSmpBoard', () => {
  it('knows the board', async () => {
    const { board } = await opened();
    expect(await board.info()).toEqual({
      board: 'simulated',
      firmware: '0.0.0',
      cpu: 'none',
      hz: 1_000_000,
      ticksKind: 'instructions',
      ramBytes: 204_800,
      bufferBytes: 1024,
      stackBytes: 512,
      boot: 0,
    });
    expect(fitCheck(await board.info(), { planBytes: 200_000, arenaBytes: 4801 })).toEqual({
      fits: false,
      needBytes: 204_801,
      haveBytes: 204_800,
    });
    expect(fitCheck({ ramBytes: 10 }, { planBytes: 6, arenaBytes: 4 }).fits).toBe(true);
  });

  it('leaves the port open for another when it is no such board', async () => {
    const { port, peer } = wire((send) => new SimulatedSmpBoard({}, send));
    peer.fault = (request) => peer.frame(request, { rc: 8 });
    await expect(openSmpBoard(port, { timer: virtualTimer() })).rejects.toMatchObject({ code: 'device.refused' });
    peer.fault = undefined;
    await openSmpBoard(port, { timer: virtualTimer() });
  });
});

describe('SmpBoard', () => {
  it('loads a plan and says what it needs', async () => {
    const { loaded: plan3, sha256, board } = await loaded();
    expect(plan3).toEqual({ sha256, arenaBytes: 4096, planBytes: 3000, layers: 3, inputBytes: 64, outputBytes: 10 });
    expect((await board.info()).loadedPlan).toBe(sha256);
  });

  it('gives the ticks of every timed inference, warm-ups apart, in requests of growing length', async () => {
    const { board, peer } = await loaded({ ticks: (n) => 100 + n });
    const pieces: number[] = [];
    const ticks = await board.infer({ inferences: 200, warmUp: 10, onTicks: (t) => pieces.push(t.length) });
    expect([...ticks]).toEqual(Array.from({ length: 200 }, (_, i) => 110 + i));
    expect(pieces.reduce((a, b) => a + b)).toBe(200);
    expect(inferRequests(peer)[0]).toEqual({ n: 1, warm: 0 });
    expect(Math.max(...inferRequests(peer).map((r) => r.n as number))).toBe(64);
  });

  it.each<[number, number]>([
    [1, 0],
    [1, 1],
    [3, 500],
    [64, 64],
    [65, 1],
  ])('does %d inferences after %d warm-ups', async (inferences, warmUp) => {
    const { board } = await loaded({ ticks: (n) => n });
    expect([...(await board.infer({ inferences, warmUp }))]).toEqual(
      Array.from({ length: inferences }, (_, i) => warmUp + i),
    );
  });

  it.each([
    ['in one message each way', { inputBytes: 100, outputBytes: 10 }],
    ['in pieces', { inputBytes: 5000, outputBytes: 4000, arenaBytes: 10_000 }],
    ['with an output just too large for its message', { inputBytes: 5000, outputBytes: 981, arenaBytes: 10_000 }],
  ])('runs an item %s', async (_how, options) => {
    const { board } = await loaded({ ...options, infer: (x) => x.map((v) => v ^ 0x80).slice(0, options.outputBytes) });
    const input = Uint8Array.from({ length: options.inputBytes }, (_, i) => i * 3);
    const { output, ticks } = await board.runItem(input);
    expect(Buffer.from(output)).toEqual(Buffer.from(input.map((v) => v ^ 0x80).slice(0, options.outputBytes)));
    expect(ticks).toBe(1000);
    await expect(board.runItem(input.subarray(1))).rejects.toMatchObject({ code: 'run.model-rejected' });
  });

  it('gives the ticks of each layer', async () => {
    const { board } = await loaded({ layers: 2 });
    expect(await board.layers()).toEqual([
      { layer: 0, op: 1, ticks: 100, macs: 1000 },
      { layer: 1, op: 2, ticks: 200, macs: 1000 },
    ]);
  });

  it('gives the console as text, across pieces of a character', async () => {
    const { board, peer } = await loaded();
    let console = '';
    const stop = board.onConsole((text) => {
      console += text;
    });
    const bytes = Buffer.from('größe: 5 µs\r\n');
    peer.fault = (_request, answer) => [bytes.subarray(0, 3), answer(), bytes.subarray(3)];
    await board.info();
    peer.fault = undefined;
    await board.info();
    stop();
    peer.say('more');
    await board.info();
    expect(console).toBe('größe: 5 µs\r\n');
  });

  it('forgets the plan when it is erased or reset', async () => {
    const { board, peer } = await loaded();
    await board.erase();
    expect((await board.info()).loadedPlan).toBeUndefined();
    await expect(board.infer({ inferences: 1 })).rejects.toMatchObject({ code: 'device.refused' });
    await board.reset();
    expect(peer.bootCount).toBe(1);
  });

  it('says what it needs and has when a plan does not fit', async () => {
    const { board } = await opened({ ramBytes: 5000 });
    const { sha256 } = await board.upload(plan);
    await expect(board.load(sha256)).rejects.toMatchObject({
      code: 'device.refused',
      details: { cause: 'user', rc: 2, group: 64, need: 7096, have: 5000 },
    });
  });

  it('reports what went over the wire', async () => {
    const { board, peer } = await loaded();
    peer.fault = (_request, answer) => [Buffer.from('\x06\x09AAAA\n'), answer(), answer()];
    await board.info();
    const report = board.wire();
    expect(report).toMatchObject({ retries: 0, duplicateAnswers: 1, discarded: 1, discardedBytes: 3 });
    expect(report.bytesIn).toBeGreaterThan(0);
  });

  it('runs over TCP', async () => {
    const device = await tcpDevice((send) => new SimulatedSmpBoard({ ticks: (n) => n }, send));
    const port = await openPort(device.spec);
    const board = await openSmpBoard(port);
    const { sha256 } = await board.upload(plan);
    await board.load(sha256);
    expect([...(await board.infer({ inferences: 5 }))]).toEqual([0, 1, 2, 3, 4]);
    await board.close();
    await device.close();
  });
});

describe('a board that fails', () => {
  const failure = async (work: Promise<unknown>) =>
    work.then(
      () => 'no failure',
      (error: unknown) => boardFailure(error) ?? error,
    );

  it('hangs in an inference', async () => {
    const { board, peer } = await loaded();
    peer.fault = () => undefined;
    expect(await failure(board.infer({ inferences: 5 }))).toEqual({ kind: 'hung', cause: 'device' });
  });

  it('hangs in an evaluation and comes back with its plan', async () => {
    const { board, peer } = await loaded();
    await board.runItem(new Uint8Array(64));
    peer.fault = (request, answer) => (request.command === 4 ? undefined : answer());
    expect(await failure(board.runItem(new Uint8Array(64)))).toEqual({ kind: 'hung', cause: 'device' });
    peer.fault = undefined;
    expect((await board.runItem(new Uint8Array(64))).ticks).toBe(1000);
  });

  it.each([
    ['an inference', (b: Awaited<ReturnType<typeof loaded>>['board']) => b.infer({ inferences: 200 })],
    ['an evaluation', (b: Awaited<ReturnType<typeof loaded>>['board']) => b.runItem(new Uint8Array(64))],
    ['the ticks of its layers', (b: Awaited<ReturnType<typeof loaded>>['board']) => b.layers()],
  ])('restarts in %s, with and without an answer', async (_what, work) => {
    for (const silent of [true, false]) {
      const { board, peer } = await loaded();
      await board.infer({ inferences: 1 });
      let rebooted = false;
      peer.fault = (request, answer) => {
        if (request.command !== 4 || rebooted) return answer();
        rebooted = true;
        peer.reboot();
        return silent ? undefined : answer();
      };
      expect(await failure(work(board))).toEqual({ kind: 'rebooted', cause: 'device' });
      // It comes back by itself: the same calls go on.
      const { sha256 } = await board.upload(plan);
      await board.load(sha256);
      await board.infer({ inferences: 1 });
    }
  });

  it('is unplugged in an upload, an inference and an evaluation', async () => {
    const works = [
      (b: Awaited<ReturnType<typeof loaded>>['board']) => b.upload(plan.slice(1)),
      (b: Awaited<ReturnType<typeof loaded>>['board']) => b.infer({ inferences: 100 }),
      (b: Awaited<ReturnType<typeof loaded>>['board']) => b.runItem(new Uint8Array(64)),
    ];
    for (const work of works) {
      const { board, peer, unplug } = await loaded();
      const gone = new Promise((resolve) => board.onClose(resolve));
      peer.fault = () => {
        unplug();
        return undefined;
      };
      expect(await failure(work(board))).toEqual({ kind: 'unplugged', cause: 'infrastructure' });
      expect(await gone).toMatchObject({ code: 'device.unplugged' });
    }
  });

  it.each<[string, object]>([
    ['more ticks than it was asked for', { n: 1, t: new Uint8Array(8) }],
    ['another number of inferences', { n: 2, t: new Uint8Array(8) }],
    ['ticks that are none', { n: 1, t: 'long' }],
    ['no ticks', { n: 1 }],
  ])('says %s', async (_what, fields) => {
    const { board, peer } = await loaded();
    peer.fault = (request, answer) => (request.command === 4 ? peer.frame(request, fields) : answer());
    expect(await failure(board.infer({ inferences: 1 }))).toEqual({ kind: 'lies', cause: 'device' });
  });

  it.each<[string, object]>([
    ['an output longer than it said', { n: 1, t: new Uint8Array(4), out: new Uint8Array(11) }],
    ['no output', { n: 1, t: new Uint8Array(4) }],
  ])('gives %s', async (_what, fields) => {
    const { board, peer } = await loaded();
    peer.fault = (request, answer) => (request.command === 4 ? peer.frame(request, fields) : answer());
    expect(await failure(board.runItem(new Uint8Array(64)))).toEqual({ kind: 'lies', cause: 'device' });
  });

  it.each<[string, object]>([
    ['beyond its length', { off: 0, len: 4000, data: new Uint8Array(4001) }],
    ['from elsewhere', { off: 7, len: 4000, data: new Uint8Array(10) }],
    ['of another length', { off: 0, len: 4_000_000_000, data: new Uint8Array(10) }],
    ['without end', { off: 0, len: 4000, data: new Uint8Array(0) }],
  ])('gives pieces of an output %s', async (_what, fields) => {
    const { board, peer } = await loaded({ outputBytes: 4000, arenaBytes: 8000 });
    peer.fault = (request, answer) => (request.command === 5 ? peer.frame(request, fields) : answer());
    expect(await failure(board.runItem(new Uint8Array(64)))).toEqual({ kind: 'lies', cause: 'device' });
  });

  it.each<[string, object]>([
    ['an arena larger than its memory', { arena: 300_000, plan: 3000, ops: 3, in: 64, out: 10 }],
    ['an output larger than its arena', { arena: 4096, plan: 3000, ops: 3, in: 64, out: 2 ** 32 - 1 }],
    ['no layers', { arena: 4096, plan: 3000, ops: 0, in: 64, out: 10 }],
    ['a size below zero', { arena: -1, plan: 3000, ops: 1, in: 64, out: 10 }],
  ])('loads a plan into %s', async (_what, fields) => {
    const { board, peer } = await opened();
    const { sha256 } = await board.upload(plan);
    peer.fault = (request, answer) => {
      const right = answer();
      return request.command === 2 ? peer.frame(request, fields) : right;
    };
    expect(await failure(board.load(sha256))).toEqual({ kind: 'lies', cause: 'device' });
  });

  it('says it loaded, and has nothing', async () => {
    const { board, peer } = await opened();
    const { sha256 } = await board.upload(plan);
    peer.fault = (request, answer) =>
      request.command === 2 ? peer.frame(request, { arena: 4096, plan: 3000, ops: 3, in: 64, out: 10 }) : answer();
    expect(await failure(board.load(sha256))).toEqual({ kind: 'lies', cause: 'device' });
  });

  it('has more memory than any microcontroller', async () => {
    const { port, peer } = wire((send) => new SimulatedSmpBoard({ ramBytes: 2 ** 31 }, send));
    expect(peer.bootCount).toBe(0);
    expect(await failure(openSmpBoard(port, { timer: virtualTimer() }))).toEqual({ kind: 'lies', cause: 'device' });
  });

  it('is no business of this when the error is not a board’s', () => {
    expect(boardFailure(new Error('x'))).toBeUndefined();
  });
});
