import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { SimulatedPpk2, SyntheticLoad } from '@hilltop/agent';
import { hostTimer } from '@hilltop/agent/dist/meters/host-clock.js';
import { answering } from './helper-process.js';

/** A simulated PPK2 in a process of its own, at the end of a real pseudo-terminal: what is asked for is the path of the other end. */
const folder = mkdtempSync(join(tmpdir(), 'hilltop-pty-'));
const path = join(folder, 'ppk2');

const terminal = spawn('socat', ['-b', '65536', `PTY,raw,echo=0,link=${path}`, 'STDIO'], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
process.on('exit', () => {
  terminal.kill();
  rmSync(folder, { recursive: true, force: true });
});
// Who started this is gone, or has had enough.
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
terminal.once('error', () => {
  process.stderr.write('this bench needs socat\n');
  process.exit(1);
});

const load = new SyntheticLoad({ seed: 1, idleW: 0.02 });
const meter = new SimulatedPpk2((bytes) => terminal.stdin.write(bytes), { load, timer: hostTimer, seed: 1 });
terminal.stdout.on('data', (bytes: Buffer) => meter.receive(bytes));

answering<unknown, string>(async () => {
  for (let tries = 0; !existsSync(path); tries++) {
    if (tries === 100) throw new Error('socat has made no pseudo-terminal');
    await pause(50);
  }
  return path;
});
