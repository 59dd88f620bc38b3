import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { decodeColumn, type Hello, marks, type Observations } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import pino from 'pino';
import { hostTimer } from './meters/host-clock.js';
import { PlugDisplay } from './meters/simulated/plug-display.js';
import { servePlug } from './meters/simulated/serve-plug.js';
import { SyntheticLoad } from './meters/simulated/synthetic-load.js';
import { simulatedTasmota } from './meters/simulated/tasmota.js';
import { FakeLab } from './testing/fake-lab.js';
import { runStart } from './testing/start.js';
import { type TestAgent, testAgent } from './testing/test-agent.js';

// Real processes: on a busy machine starting one takes its time.
jest.setTimeout(30_000);

let lab: FakeLab;
let dir: string;
let agent: TestAgent | undefined;
let logged = '';
const closing: Array<() => Promise<unknown>> = [];

beforeEach(async () => {
  lab = await FakeLab.start();
  dir = await mkdtemp(join(tmpdir(), 'hilltop-agent-'));
  logged = '';
});
afterEach(async () => {
  await agent?.stop().catch(() => undefined);
  for (const close of closing.splice(0)) await close();
  await lab.stop();
  await rm(dir, { recursive: true, force: true });
});

const serve = (...meters: string[]): void => {
  const stream = new PassThrough();
  stream.on('data', (chunk) => {
    logged += String(chunk);
  });
  agent = testAgent(lab, dir, [lab.url, '--token', lab.token, ...meters], { log: pino(stream) });
};
const sensorsOf = (hello: Hello) => (hello.devices[0]!.facts.sensors ?? []).filter(({ simulated }) => simulated);
const observed = (kind: Observations['kind']): Observations[] =>
  lab.events.flatMap((e) => (e.type === 'run.observed' && e.observations.kind === kind ? [e.observations] : []));
const idleProtocol = () => {
  const start = runStart(lab, 1);
  return runStart(lab, 1, {
    protocol: { ...start.protocol, blocks: 1, blockMinMs: 400, idleMs: 400 },
  });
};

describe('an agent with a meter', () => {
  it('[METER-17] a simulated one is said to be in the facts and in the run, and shows load while the device executes', async () => {
    serve('--simulate-meter', 'ppk2');
    const hello = (await lab.message('up/hello')) as Hello;
    expect(sensorsOf(hello)).toMatchObject([
      { id: 'ppk2/simulated-ppk2', driver: 'ppk2', scope: 'dut-vdd', total: true, simulated: true },
    ]);
    await lab.message('up/heartbeat');
    const start = idleProtocol();
    lab.start(start);
    expect(await lab.ended(start.runId)).toMatchObject({ outcome: 'succeeded' });
    const started = lab.events.find((e) => e.type === 'run.started');
    const sensors = (started?.type === 'run.started' && started.environment.sensors) || [];
    expect(sensors.at(-1)).toMatchObject({ id: 'ppk2/simulated-ppk2', simulated: true });
    const at = new Map(
      observed('mark').flatMap((batch) => {
        const times = decodeColumn(batch, 'at_ms');
        return [...decodeColumn(batch, 'mark')].map((mark, i): [number, number] => [mark, times[i]!]);
      }),
    );
    expect(at.has(marks.fault)).toBe(false);
    const between = (from: number, to: number): number => {
      let sum = 0;
      let count = 0;
      for (const batch of observed('power')) {
        const starts = decodeColumn(batch, 'start_ms');
        const means = decodeColumn(batch, 'mean_w');
        starts.forEach((ms, i) => {
          if (ms < from || ms > to) return;
          sum += means[i]!;
          count++;
        });
      }
      return sum / count;
    };
    // What the agent tells it is a little late on a busy machine: the middle of each is looked at.
    const middle = (first: number, last: number): number => {
      const [from, to] = [at.get(first)!, at.get(last)!];
      return between(from + (to - from) / 3, to - (to - from) / 6);
    };
    const idle = middle(marks['idle-start'], marks['idle-end']);
    const load = middle(marks['loop-start'], marks['loop-end']);
    expect(idle).toBeCloseTo(0.02, 2);
    expect(load).toBeCloseTo(0.14, 1);
    expect(load).toBeGreaterThan(4 * idle);
  });

  it('[METER-14] carries out its runs without energy when the meter is not there', async () => {
    serve('--meter', 'ppk2:/dev/no-such-port');
    const hello = (await lab.message('up/hello')) as Hello;
    expect((hello.devices[0]!.facts.sensors ?? []).some(({ driver }) => driver === 'ppk2')).toBe(false);
    await lab.message('up/heartbeat');
    const start = runStart(lab, 1);
    lab.start(start);
    expect(await lab.ended(start.runId)).toMatchObject({ outcome: 'succeeded' });
    expect(observed('power')).toEqual([]);
    expect(logged).toContain('a meter is not there');
    expect(agent!.reports).toContainEqual(
      expect.objectContaining({ event: 'meter.missing', meter: 'ppk2:/dev/no-such-port' }),
    );
  });

  it('[METER-11] no password of a plug is in a log, a hello, an event or a report', async () => {
    const credentials = { user: 'admin', password: 'hunter2' };
    const display = new PlugDisplay(new SyntheticLoad({ seed: 1, idleW: 4 }), hostTimer);
    const { url, close } = await servePlug(simulatedTasmota({ display, credentials, wattRes: 1 }));
    closing.push(close);
    serve('--meter', `tasmota:${url},user=admin,password=hunter2`);
    const hello = (await lab.message('up/hello')) as Hello;
    expect(hello.devices[0]!.facts.sensors).toContainEqual(
      expect.objectContaining({ driver: 'tasmota', scope: 'wall' }),
    );
    await lab.message('up/heartbeat');
    const start = runStart(lab, 1);
    lab.start(start);
    expect(await lab.ended(start.runId)).toMatchObject({ outcome: 'succeeded' });
    expect(observed('reading').length).toBeGreaterThan(0);
    await agent!.stop();
    for (const said of [logged, JSON.stringify(lab.seen), JSON.stringify(lab.events), JSON.stringify(agent!.reports)])
      expect(said).not.toContain('hunter2');
    expect(logged).toContain(`tasmota:${url}`);
  });
});
