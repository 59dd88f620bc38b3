import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPort } from '@hilltop/firmware-bridge';
import { root } from './lab.js';
import type { TestBoard } from './qemu.js';

const build = join(root, 'firmware-bridge', 'firmware', 'build.mjs');

/** Builds the firmware as a program of this machine; returns its path. Remove its folder afterwards. */
export function buildHostFirmware(): string {
  const program = join(mkdtempSync(join(tmpdir(), 'hilltop-host-')), 'firmware');
  const result = spawnSync(process.execPath, [build, '--host', program], { encoding: 'utf8' });
  if (result.status !== 0 || !existsSync(program)) throw new Error(`the host build failed: ${result.stderr}`);
  return program;
}

/** Starts such a program on a socket of its own. `memoryBytes` is for plan and arena. */
export async function startHostFirmware(program: string, memoryBytes?: number): Promise<TestBoard> {
  const folder = mkdtempSync(join(tmpdir(), 'hilltop-host-'));
  const port = `unix:${join(folder, 'line')}`;
  const child = spawn(program, [port], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...(memoryBytes === undefined ? {} : { HT_MEMORY: String(memoryBytes) }) },
  });
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let log = '';
  child.stderr.on('data', (chunk) => (log += String(chunk)));
  await once(child.stderr, 'data');
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  return { open: () => openPort(port), log: () => log, stop };
}
