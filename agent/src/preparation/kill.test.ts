import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { RunStart } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type BuiltBoard, buildBoard, constructed } from '../sensors/testing/tree.js';
import { FakeLab } from '../testing/fake-lab.js';
import { runStart } from '../testing/start.js';

// Real processes: on a busy machine starting one takes its time.
jest.setTimeout(60_000);

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const governorFile = 'sys/devices/system/cpu/cpufreq/policy0/scaling_governor';
const files = {
  [governorFile]: constructed('ondemand'),
  'sys/class/hwmon/hwmon0/pwm1': constructed(60),
  'sys/class/hwmon/hwmon0/pwm1_enable': constructed(2),
};

let lab: FakeLab;
let board: BuiltBoard;
let dir: string;
const running: ChildProcess[] = [];
beforeEach(async () => {
  lab = await FakeLab.start();
  board = await buildBoard({ files });
  dir = await mkdtemp(join(tmpdir(), 'hilltop-agent-'));
});
afterEach(async () => {
  for (const child of running.splice(0))
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  await lab.stop();
  await board.remove();
  await rm(dir, { recursive: true, force: true });
});

/** The agent as a program, on a machine that is the fixture. */
function agent(...args: string[]) {
  const child = spawn(process.execPath, [main, lab.url, '--token', lab.token, '--data', dir, '--json', ...args], {
    env: { ...process.env, HILLTOP_SENSOR_ROOT: board.root, HILLTOP_LOG: 'silent' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  running.push(child);
  const seen: string[] = [];
  const waiting: Array<() => void> = [];
  createInterface({ input: child.stdout! }).on('line', (line) => {
    seen.push((JSON.parse(line) as { event: string }).event);
    for (const look of waiting.splice(0)) look();
  });
  const reported = async (event: string): Promise<void> => {
    while (!seen.includes(event)) await new Promise<void>((resolve) => waiting.push(resolve));
  };
  return { child, reported, gone: once(child, 'exit') };
}

const settings = (): Promise<string[]> =>
  Promise.all(Object.keys(files).map(async (path) => (await readFile(join(board.root, path), 'utf8')).trim()));

/** A run that does not end by itself while the test looks. */
const longRun = (): RunStart => {
  const short = runStart(lab, 1);
  return { ...short, protocol: { ...short.protocol, blockMinMs: 50_000, blockTimeoutMs: 60_000 } };
};

/** An agent in the middle of a run, with the machine set up for it. */
async function inMidRun(prepare: string) {
  const first = agent('--prepare', prepare);
  await lab.message('up/heartbeat');
  lab.start(longRun());
  const started = await lab.until(() => lab.events.find((event) => event.type === 'run.started'));
  return { ...first, environment: started.type === 'run.started' ? started.environment : undefined };
}

describe('a run on a machine that was set up for it', () => {
  it('[PREP-15] killed in mid-run: the next start sets it back before anything else', async () => {
    const { child, gone, environment } = await inMidRun('governor,fan');
    expect(environment?.prepared).toEqual(['governor=performance', 'fan=255']);
    expect(await settings()).toEqual(['performance', '255', '1']);
    child.kill('SIGKILL');
    await gone;
    expect(await settings()).toEqual(['performance', '255', '1']);
    // Without the option, too: what was changed is in the data directory.
    const next = agent();
    await next.reported('device');
    expect(await settings()).toEqual(['ondemand', '60', '2']);
  });

  it('[PREP-15] ended in mid-run: it is set back before the agent is gone', async () => {
    const { child, gone } = await inMidRun('governor,fan');
    expect(await settings()).toEqual(['performance', '255', '1']);
    child.kill('SIGTERM');
    await gone;
    expect(await settings()).toEqual(['ondemand', '60', '2']);
  });

  it('[PREP-14] the measured process runs on the processors of the list alone', async () => {
    const { environment } = await inMidRun('affinity=0');
    expect(environment?.prepared).toEqual(['affinity=0']);
    // Its first live latencies: by then every helper has become the process itself.
    await lab.until(() => lab.seen.find(({ payload }) => (payload as { phase?: string }).phase === 'measuring'));
    const { pid } = JSON.parse(await readFile(join(dir, 'child.json'), 'utf8')) as { pid: number };
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    expect(/^Name:\t(.*)$/m.exec(status)?.[1]).toMatch(/node|MainThread/);
    expect(/^Cpus_allowed_list:\t(.*)$/m.exec(status)?.[1]).toBe('0');
  });

  it('[PREP-16] [PREP-17] the device tells its modes, and a run has the one it chose; [PREP-18] without leave it fails', async () => {
    const available = 'sys/devices/system/cpu/cpufreq/policy0/scaling_available_governors';
    await writeFile(join(board.root, available), 'ondemand powersave');
    const wish = (fence: number): RunStart => {
      const start = runStart(lab, fence);
      return { ...start, settings: { ...start.settings, powerMode: 'powersave' } };
    };
    const allowed = agent('--prepare', 'modes');
    const { devices } = (await lab.message('up/hello')) as { devices: { facts: { powerModes?: string[] } }[] };
    expect(devices[0]!.facts.powerModes).toEqual(['ondemand', 'powersave']);
    await lab.message('up/heartbeat');
    lab.start(wish(1));
    const started = await lab.until(() => lab.events.find((event) => event.type === 'run.started'));
    expect(started).toMatchObject({ environment: { prepared: ['governor=powersave'], governor: 'powersave' } });
    await lab.until(() => lab.events.find((event) => event.type === 'run.ended'));
    expect((await settings())[0]).toBe('ondemand');
    allowed.child.kill('SIGTERM');
    await allowed.gone;
    const heard = lab.seen.length;
    agent();
    await lab.until(() => lab.seen.slice(heard).find(({ channel }) => channel === 'up/heartbeat'));
    lab.start(wish(2));
    const refused = await lab.until(() => lab.events.find((event) => event.type === 'run.ended' && event.fence === 2));
    expect(refused).toMatchObject({ outcome: 'failed', error: { code: 'runtime.setting-unsupported', cause: 'user' } });
  });
});
