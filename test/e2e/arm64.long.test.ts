import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, realpathSync, rmSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { arm64Node, describeWithArm64 } from '../support/arm64.js';
import { buildHostFirmware } from '../support/host-firmware.js';
import { root, startLab, type TestLab } from '../support/lab.js';
import { JsonProcess } from '../support/process.js';

/**
 * The agent's package as a Raspberry Pi or a Jetson gets it, under an emulated processor: natives load, a model runs, a serial port answers,
 * results are those of x64. Its times say nothing and are not looked at.
 */
describeWithArm64('the served agent on 64-bit Arm', () => {
  let lab: TestLab;
  let firmware: string;
  const stops: Array<() => Promise<unknown>> = [];
  beforeAll(async () => {
    lab = await startLab();
    await lab.pushSample();
    await lab.agent('native');
    firmware = buildHostFirmware();
  }, 120_000);
  afterAll(async () => {
    for (const stop of stops) await stop();
    rmSync(dirname(firmware), { recursive: true, force: true });
    await lab.stop();
  });

  /** A serial port with our firmware behind it: a program's standard input and output as a terminal. */
  async function serialBoard(): Promise<string> {
    const path = join(lab.home, 'ttyARM0');
    const seen = new AbortController();
    const appeared = (async () => {
      for await (const _ of watchFolder(lab.home, seen.signal)) if (existsSync(path)) return;
    })();
    const child = spawn('socat', [`PTY,link=${path},raw,echo=0`, `EXEC:${firmware}`], { stdio: 'ignore' });
    stops.push(async () => {
      child.kill();
      if (child.exitCode === null) await once(child, 'exit');
    });
    await appeared;
    seen.abort();
    return path;
  }

  it('[AGENT-21] runs a model and a board on a serial port with the same results as x64', async () => {
    const home = join(lab.home, 'arm64');
    mkdirSync(home);
    const npm = process.env.npm_execpath?.endsWith('npm-cli.js')
      ? [process.execPath, process.env.npm_execpath]
      : ['npm'];
    execFileSync(
      npm[0]!,
      [...npm.slice(1), 'install', '-g', '--offline', '--no-audit', '--prefix', home, join(root, 'dist/agent.tgz')],
      { env: { PATH: process.env.PATH, HOME: home }, cwd: home, stdio: 'pipe' },
    );
    const { program, options } = arm64Node(home);
    const agent = new JsonProcess(
      'agent on arm64',
      [
        ...options,
        realpathSync(join(home, 'bin/hilltop-agent')),
        lab.url,
        ...['--token', await lab.joinToken(), '--name', 'arm', '--data', join(home, 'data'), '--json'],
        ...['--serial', await serialBoard()],
      ],
      { HOME: home, HILLTOP_LOG: 'info' },
      program,
    );
    lab.agents.push(agent);
    const devices = await lab.watch('lab').until((e) => {
      const all = [...e.device.values()].filter((d) => d.state === 'available');
      const host = all.find((d) => d.name === 'arm');
      const board = all.find((d) => d.kind === 'microcontroller');
      return host && board && { host, board };
    }, 90_000);
    expect(devices.host.facts).toMatchObject({ arch: 'arm64', runtimes: [{ name: 'onnxruntime' }] });

    const job = await lab.submit({
      model: 'sample',
      recipes: ['int8-static'],
      protocol: 'quick',
      evaluationItems: 100,
      selector: { devices: ['arm', 'native', devices.board.name], labels: {} },
    });
    expect(await lab.ended(job.id, 240_000)).toMatchObject({ state: 'succeeded' });
    const runs = await lab.runs(job.id);
    const rightOf = (name: string): number | undefined =>
      runs.find((r) => r.deviceName === name)?.metrics.accuracy?.value;
    // ONNX Runtime's integer kernels of the two processors round the same; a class may differ where two scores are equal.
    expect(Math.abs(rightOf('arm')! - rightOf('native')!)).toBeLessThanOrEqual(0.01);
    expect(rightOf(devices.board.name)).toBeGreaterThan(0.6);
  }, 400_000);
});

async function* watchFolder(folder: string, signal: AbortSignal): AsyncGenerator<void> {
  const watcher = watch(folder, { signal });
  watcher.on('error', () => undefined);
  try {
    for (;;) {
      yield;
      await once(watcher, 'change', { signal });
    }
  } finally {
    watcher.close();
  }
}
