import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeColumn, encodeTensorPack, LabError, modelCommands, type RunStart } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import pino from 'pino';
import { copyPlan, FakeBoard } from '../testing/boards.js';
import { FakeLab } from '../testing/fake-lab.js';
import { runStart } from '../testing/start.js';
import { type TestAgent, testAgent } from '../testing/test-agent.js';

// Real processes: on a busy machine starting one takes its time.
jest.setTimeout(30_000);

let lab: FakeLab;
let dir: string;
let board: FakeBoard;
const running: TestAgent[] = [];
const logged: Array<Record<string, unknown>> = [];

beforeEach(async () => {
  lab = await FakeLab.start();
  dir = await mkdtemp(join(tmpdir(), 'hilltop-boards-'));
  board = new FakeBoard({ ticks: () => 2500 });
  logged.length = 0;
});
afterEach(async () => {
  for (const { stop } of running.splice(0)) await stop().catch(() => undefined);
  await lab.stop();
  await rm(dir, { recursive: true, force: true });
});

async function agent(args = ['--serial', '/dev/test-board']): Promise<TestAgent> {
  const started = testAgent(lab, dir, [lab.url, '--token', lab.token, ...args], {
    openBoard: async () => board.open(),
    boardLookMs: 20,
    log: pino({ level: 'info' }, { write: (line: string) => void logged.push(JSON.parse(line)) }),
  });
  running.push(started);
  await lab.message('up/heartbeat');
  return started;
}

const io = [{ name: 'x', type: 'float32' as const, dims: [1, 10] }];
const boardStart = (fence: number, key: string, over: Partial<RunStart> = {}): RunStart =>
  runStart(lab, fence, {
    deviceKey: key,
    deviceId: lab.deviceIdOf(key),
    artifact: lab.addBlob(copyPlan()),
    inputs: io,
    outputs: [{ ...io[0]!, name: 'y' }],
    ...over,
  });
const devices = (nth: number) =>
  (lab.seen.filter((s) => s.channel === 'up/hello')[nth]!.payload as { devices: Array<{ key: string }> }).devices.map(
    (d) => d.key,
  );
const hellos = () => lab.seen.filter((s) => s.channel === 'up/hello').length;

describe('agent with a board', () => {
  it('[MCU-1] serves it beside the machine and carries out a run on it, with what it printed', async () => {
    await agent();
    expect(devices(0)).toEqual(['host', 'test-board']);
    const pack = encodeTensorPack({
      items: 20,
      classes: 10,
      labels: new Int32Array(20),
      inputs: [{ type: 'float32', dims: [10], scale: 1, offset: 0, data: new Uint8Array(800) }],
    });
    const start = boardStart(1, 'test-board', {
      evaluation: { ...lab.addBlob(pack), items: 20 },
      qualityMetric: 'accuracy',
    });
    board.onRequest = (asked) => {
      if (asked === modelCommands.load) board.firmware.say('loading\r\n');
      return undefined;
    };
    lab.start(start);
    const ended = await lab.ended(start.runId);
    expect(ended).toMatchObject({ outcome: 'succeeded', artifactSha256: start.artifact.sha256 });
    const observations = lab.events.flatMap((e) => (e.type === 'run.observed' ? [e.observations] : []));
    expect(observations.map((o) => o.seq)).toEqual(observations.map((_, i) => i));
    expect(ended.batches).toBe(observations.length);
    const last = observations.at(-1)!;
    expect(last.kind).toBe('console');
    expect(Buffer.from(decodeColumn(last, 'byte')).toString()).toBe('loading\nloading\n');
    const live = await lab.message('up/console');
    expect(live).toMatchObject({
      deviceId: lab.deviceIdOf('test-board'),
      runId: start.runId,
      text: expect.stringContaining('loading'),
    });
  });

  it('[MCU-12] unplugged in mid-run: the lab hears of it before the end of the run; plugged in again it is back', async () => {
    const a = await agent();
    board.onRequest = (asked) => {
      if (asked === modelCommands.infer) board.unplug();
      return undefined;
    };
    const start = boardStart(1, 'test-board');
    lab.start(start);
    const ended = await lab.ended(start.runId);
    expect(ended.error).toMatchObject({ code: 'device.unplugged', cause: 'device' });
    expect(devices(hellos() - 1)).toEqual(['host']);
    board.onRequest = () => undefined;
    board.plug();
    await lab.until(() => (devices(hellos() - 1).length === 2 ? true : undefined));
    const again = boardStart(2, 'test-board');
    lab.start(again);
    expect(await lab.ended(again.runId)).toMatchObject({ outcome: 'succeeded' });
    expect(a.reports.map((r) => r.event)).toContain('device.gone');
  });

  it('[MCU-12] a start for a board that is away ends at once, to be tried again', async () => {
    await agent();
    board.unplug();
    await lab.until(() => (devices(hellos() - 1).length === 1 ? true : undefined));
    const start = boardStart(1, 'test-board');
    lab.start(start);
    expect((await lab.ended(start.runId)).error).toMatchObject({ code: 'device.unplugged', cause: 'infrastructure' });
  });

  it('[MCU-9] an emulated board and the machine are measured one at a time, and the log says who waits', async () => {
    await agent(['--emulate', 'pico']);
    let measuring = false;
    const together: boolean[] = [];
    board.onRequest = (asked) => {
      if (asked === modelCommands.infer) together.push(measuring);
      return undefined;
    };
    const first = runStart(lab, 1);
    const second = boardStart(1, 'emulated-pico');
    measuring = true;
    lab.start(first);
    lab.start(second);
    await lab.ended(first.runId);
    measuring = false;
    expect(await lab.ended(second.runId)).toMatchObject({ outcome: 'succeeded' });
    const ends = lab.events.flatMap((e) => (e.type === 'run.ended' ? [e.runId] : []));
    expect(ends).toEqual([first.runId, second.runId]);
    const begun = lab.events.findIndex((e) => e.type === 'run.preparing' && e.runId === second.runId);
    const over = lab.events.findIndex((e) => e.type === 'run.ended' && e.runId === first.runId);
    expect(begun).toBeGreaterThan(over);
    expect(logged.find((line) => line.waitsFor === 'host')).toMatchObject({
      runId: second.runId,
      device: 'emulated-pico',
    });
  });

  it('[MCU-12] a board that cannot be opened keeps nobody from serving', async () => {
    const started = testAgent(lab, dir, [lab.url, '--token', lab.token, '--emulate', 'pico'], {
      openBoard: async () => {
        throw new LabError('device.offline', 'no image');
      },
    });
    running.push(started);
    await lab.message('up/heartbeat');
    expect(devices(0)).toEqual(['host']);
  });
});
