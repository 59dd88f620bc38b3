import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeTensorPack, modelCommands, modelGroup, type RunStart } from '@hilltop/contracts';
import { type SimulatedFault, virtualTimer } from '@hilltop/firmware-bridge';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { copyPlan, FakeBoard } from '../testing/boards.js';
import { FakeLab } from '../testing/fake-lab.js';
import { runStart } from '../testing/start.js';
import { type TestAgent, testAgent } from '../testing/test-agent.js';

jest.setTimeout(30_000);

const { upload, load, input, infer, output, layers } = modelCommands;
/** Inputs and outputs of several messages each, in a small buffer; a plan of two. */
const elements = 600;
const plan = copyPlan(elements);
const io = [{ name: 'x', type: 'float32' as const, dims: [1, elements] }];
const items = 12;
const pack = encodeTensorPack({
  items,
  classes: 10,
  labels: new Int32Array(items),
  inputs: [{ type: 'float32', dims: [elements], scale: 1, offset: 0, data: new Uint8Array(4 * elements * items) }],
});

interface Place {
  readonly command: number;
  /** The fault happens at the so many-th of these, from 1. */
  readonly nth: number;
  /** Blocks that are finished by then. */
  readonly blocks: number;
  readonly items?: number;
}
/** Two blocks: upload (2 messages), load, one item (4 pieces in, 4 out), a loop; once the layers; then the items. */
const places = {
  'the upload': { command: upload, nth: 2, blocks: 0 },
  'the load': { command: load, nth: 1, blocks: 0 },
  'an input': { command: input, nth: 3, blocks: 0 },
  'the first inference': { command: infer, nth: 1, blocks: 0 },
  'an output': { command: output, nth: 2, blocks: 0 },
  'a loop': { command: infer, nth: 2, blocks: 0 },
  'the ticks of its layers': { command: layers, nth: 1, blocks: 0 },
  'the second block': { command: load, nth: 2, blocks: 1 },
  'the evaluation': { command: output, nth: 2 * 4 + 9 * 4 + 2, blocks: 2, items: 8 },
} as const satisfies Record<string, Place>;

describe('a board that does wrong under a real agent', () => {
  let lab: FakeLab;
  let dir: string;
  let agent: TestAgent;
  let board: FakeBoard;
  let honest: SimulatedFault;
  let fence = 0;

  beforeAll(async () => {
    lab = await FakeLab.start();
    dir = await mkdtemp(join(tmpdir(), 'hilltop-board-faults-'));
    board = new FakeBoard({
      arenaBytes: 2 * 608,
      inputBytes: elements,
      outputBytes: elements,
      bufferBytes: 192,
      ticks: () => 20_000,
      says: { buf: 192 },
      client: { timer: virtualTimer(), attempts: 3 },
    });
    honest = board.firmware.fault!;
    agent = testAgent(lab, dir, [lab.url, '--token', lab.token, '--serial', '/dev/test-board'], {
      openBoard: async () => board.open(),
      boardLookMs: 20,
    });
    await lab.message('up/heartbeat');
  });
  afterAll(async () => {
    await agent.stop();
    await lab.stop();
    await rm(dir, { recursive: true, force: true });
  });
  beforeEach(() => {
    board.firmware.fault = honest;
    // It has nothing yet, or the plan would not be sent.
    board.firmware.reboot();
  });

  const start = (): RunStart => {
    const run = runStart(lab, ++fence, {
      deviceKey: 'test-board',
      deviceId: lab.deviceIdOf('test-board'),
      artifact: lab.addBlob(plan),
      inputs: io,
      outputs: [{ ...io[0]!, name: 'y' }],
      evaluation: { ...lab.addBlob(pack), items },
      qualityMetric: 'accuracy',
    });
    lab.start(run);
    return run;
  };
  const devices = () =>
    (
      lab.seen.filter((s) => s.channel === 'up/hello').at(-1)!.payload as {
        devices: Array<{ key: string; health?: unknown }>;
      }
    ).devices;
  const isThere = () => devices().some((d) => d.key === 'test-board' && d.health === undefined);

  /** Does to the request at that place, and to its repetitions, what `act` says; `after`: to every later one. */
  function inject({ command, nth }: Place, act: SimulatedFault, after: SimulatedFault = honest): void {
    let seen = 0;
    let hit: number | undefined;
    let over = false;
    board.firmware.fault = (request, answer) => {
      const here = request.group === modelGroup && request.command === command;
      if (hit === undefined && here && ++seen === nth) hit = request.sequence;
      if (hit === undefined) return honest(request, answer);
      over ||= !here || request.sequence !== hit;
      return over ? after(request, answer) : act(request, answer);
    };
  }

  /** A run with that fault; then what must hold whatever it was, and a run without. */
  async function runWith(place: Place, act: SimulatedFault, after?: SimulatedFault) {
    inject(place, act, after);
    const run = start();
    const ended = await lab.ended(run.runId);
    board.firmware.fault = honest;
    board.plug();
    await lab.until(() => (isThere() ? true : undefined));
    const next = start();
    expect(await lab.ended(next.runId)).toMatchObject({ outcome: 'succeeded' });
    // The journal: each run begun once, ended once, every batch between, none out of turn.
    for (const id of [run.runId, next.runId]) {
      const own = lab.events.filter(
        (e) => ('runId' in e ? e.runId : 'observations' in e && e.observations.runId) === id,
      );
      const observed = own.flatMap((e) => (e.type === 'run.observed' ? [e.observations] : []));
      expect(own.map((e) => e.type)).toEqual([
        'run.preparing',
        'run.started',
        ...observed.map(() => 'run.observed'),
        'run.ended',
      ]);
      expect(observed.map((o) => o.seq)).toEqual(observed.map((_, i) => i));
      expect(own.at(-1)).toMatchObject({ batches: observed.length });
    }
    const kept = (kind: string) =>
      lab.events.flatMap((e) =>
        e.type === 'run.observed' && e.observations.runId === run.runId && e.observations.kind === kind
          ? [e.observations]
          : [],
      );
    return { ended, kept };
  }

  const named = Object.entries(places) as Array<[keyof typeof places, Place]>;

  it.each(named)('[MCU-71] hangs in %s: reset, it answers again; finished blocks are kept', async (_name, place) => {
    const boots = board.firmware.bootCount;
    const silent: SimulatedFault = (request, answer) =>
      board.firmware.bootCount > boots || request.group !== modelGroup ? honest(request, answer) : undefined;
    const { ended, kept } = await runWith(place, silent, silent);
    expect(ended).toMatchObject({
      outcome: 'failed',
      error: { code: 'device.no-answer', cause: 'device', message: expect.stringContaining('answers again') },
    });
    expect(kept('process')).toHaveLength(place.blocks);
    expect(kept('item').reduce((n, o) => n + o.rows, 0)).toBe(place.items ?? 0);
  });

  it.each(named)('[MCU-71] is unplugged in %s: the lab hears of it before the end of the run', async (_name, place) => {
    const { ended, kept } = await runWith(place, () => {
      board.unplug();
      return undefined;
    });
    expect(ended).toMatchObject({ outcome: 'failed', error: { code: 'device.unplugged', cause: 'device' } });
    expect(kept('process')).toHaveLength(place.blocks);
    expect(kept('item').reduce((n, o) => n + o.rows, 0)).toBe(place.items ?? 0);
  });

  it.each(named)('[MCU-71] restarts in %s: the run is carried on or ends for that', async (_name, place) => {
    let rebooted = false;
    const { ended, kept } = await runWith(place, (request, answer) => {
      if (rebooted) return honest(request, answer);
      rebooted = true;
      board.firmware.reboot();
      return undefined;
    });
    // An upload begins again by itself; everything later has lost its plan.
    if (place.command === upload) expect(ended).toMatchObject({ outcome: 'succeeded' });
    else expect(ended).toMatchObject({ outcome: 'failed', error: { code: 'device.rebooted', cause: 'device' } });
    expect(kept('process')).toHaveLength(place.command === upload ? 2 : place.blocks);
  });

  it.each(named)('[MCU-72] answers late in %s, when it was asked again: nothing is wrong', async (_name, place) => {
    let held: ReturnType<SimulatedFault>;
    const { ended, kept } = await runWith(place, (request, answer) => {
      if (held === undefined) {
        held = honest(request, answer);
        return undefined;
      }
      return [held as Uint8Array, honest(request, answer) as Uint8Array];
    });
    expect(ended).toMatchObject({ outcome: 'succeeded' });
    expect(kept('process')).toHaveLength(2);
  });

  it.each(named)('[MCU-72] answers %s too late: its answers are of no later request', async (_name, place) => {
    const held: Uint8Array[] = [];
    const { ended, kept } = await runWith(
      place,
      (request, answer) => {
        held.push(honest(request, answer) as Uint8Array);
        return undefined;
      },
      (request, answer) => [...held.splice(0), honest(request, answer) as Uint8Array],
    );
    expect(ended).toMatchObject({ outcome: 'failed', error: { code: 'device.no-answer', cause: 'device' } });
    expect(kept('process')).toHaveLength(place.blocks);
  });

  const sha = new Uint8Array(32);
  const loaded = { arena: 2 * 608, plan: plan.length, ops: 1, in: elements, out: elements };
  it.each<[string, Place, object]>([
    ['wants bytes beyond the end of the plan', places['the upload'], { off: plan.length + 1 }],
    ['has bytes of the plan that were never sent', { command: upload, nth: 2, blocks: 0 }, { off: 2 ** 32 - 1 }],
    ['does not get on with the plan', places['the upload'], { off: -1 }],
    ['loaded another plan than was sent', places['the load'], { ...loaded, plan: plan.length + 16 }],
    ['takes another input than the plan', places['the load'], { ...loaded, in: elements - 1 }],
    ['gives an output of 4 GB', places['the load'], { ...loaded, out: 2 ** 32 - 1 }],
    ['gives an output larger than its input says', places['the load'], { ...loaded, out: elements + 1 }],
    ['has an arena smaller than the plan’s', places['the load'], { ...loaded, arena: 2 * 608 - 16 }],
    ['has an arena larger than its memory', places['the load'], { ...loaded, arena: 2 ** 31 }],
    ['has more of the input than was sent', places['an input'], { off: elements + 1 }],
    ['has less of the input than was sent', places['an input'], { off: 1 }],
    ['gives no ticks', places['a loop'], { n: 20, t: new Uint8Array() }],
    ['gives half a number of ticks', places['a loop'], { n: 20, t: new Uint8Array(82) }],
    ['gives ticks of more inferences', places['a loop'], { n: 20, t: new Uint8Array(84).fill(1) }],
    ['says it did more', places['a loop'], { n: 21, t: new Uint8Array(84).fill(1) }],
    ['infers in no time', places['a loop'], { n: 20, t: new Uint8Array(80) }],
    ['gives a piece of output of 4 GB', places['an output'], { off: 0, len: 2 ** 32 - 1, data: new Uint8Array(9) }],
    ['gives a piece of another place', places['an output'], { off: 5, len: elements, data: new Uint8Array(9) }],
    ['gives a piece beyond the end', places['an output'], { off: 152, len: elements, data: new Uint8Array(449) }],
    ['gives a piece of nothing', places['an output'], { off: 152, len: elements, data: new Uint8Array() }],
    ['gives the ticks of another layer', places['the ticks of its layers'], { i: 3, n: 1, op: 1, ticks: 1, macs: 1 }],
    ['has more layers than it loaded', places['the ticks of its layers'], { i: 0, n: 9, op: 1, ticks: 1, macs: 1 }],
    ['answers something else', places['the evaluation'], { r: 'hello', sha }],
  ])('[MCU-71] lies: %s', async (_what, place, fields) => {
    const { ended, kept } = await runWith(place, (request) => board.firmware.frame(request, fields));
    expect(ended).toMatchObject({ outcome: 'failed', error: { code: 'device.protocol', cause: 'device' } });
    expect(kept('process')).toHaveLength(place.blocks);
  });

  it('[MCU-71] gives an output nobody asked for: it is not taken for the one that is read', async () => {
    const { ended } = await runWith(places['the evaluation'], honest, honest);
    expect(ended).toMatchObject({ outcome: 'succeeded' });
    const stray = await runWith({ command: infer, nth: 1, blocks: 0 }, (request, answer) => {
      honest(request, answer);
      return board.firmware.frame(request, { n: 1, t: Uint8Array.of(1, 0, 0, 0), out: new Uint8Array(3) });
    });
    expect(stray.ended).toMatchObject({ outcome: 'succeeded' });
  });

  it('[MCU-71] got something else than was sent, and says so: tried again by the lab', async () => {
    const { ended } = await runWith(places['the upload'], (request, answer) => {
      honest(request, answer);
      return board.firmware.frame(request, { off: plan.length, match: false });
    });
    expect(ended.error).toMatchObject({ code: 'device.refused', cause: 'infrastructure' });
  });
});
