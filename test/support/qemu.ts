import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BytePort, firmwareImages, firmwarePath, openPort, osGroup, SmpClient } from '@hilltop/firmware-bridge';

export interface TestBoard {
  /** One connection at a time, as on a cable. */
  readonly open: () => Promise<BytePort>;
  /** What QEMU printed, for a failure's message. */
  readonly log: () => string;
  readonly stop: () => Promise<void>;
}

/** One that is reached by an address. */
export interface AddressedBoard extends TestBoard {
  /** As `openPort` and `hilltop agent --serial` take it. */
  readonly spec: string;
}

/** How long a machine may take until it answers, on a machine that is busy with other tests. */
const startMs = 30_000;

/** Starts the machine of QEMU that a board's prebuilt image is for, as `startQemuMachine` does. */
export async function startQemuBoard(board: string): Promise<AddressedBoard> {
  const image = firmwareImages().images.find((candidate) => candidate.board === board);
  if (!image?.qemu) throw new Error(`no machine of QEMU runs "${board}"`);
  return startQemuMachine(image.qemu, firmwarePath(image.file));
}

/**
 * Starts a machine of QEMU with the firmware at the path `kernel`, and resolves when it answers. Its time is the count of its
 * instructions (32 ns each, -icount shift=5), so ticks are the same in every run; a socket carries the serial line.
 */
export async function startQemuMachine(machine: string, kernel: string): Promise<AddressedBoard> {
  const folder = mkdtempSync(join(tmpdir(), 'hilltop-qemu-'));
  const socket = join(folder, 'serial');
  const child = spawn(
    'qemu-system-arm',
    [
      ...['-machine', machine, '-display', 'none', '-monitor', 'none', '-nodefaults'],
      ...['-icount', 'shift=5,align=off,sleep=off'],
      ...['-chardev', `socket,id=line,path=${socket},server=on,wait=off`, '-serial', 'chardev:line'],
      ...['-kernel', kernel],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (log += String(chunk)));
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await untilItAnswers(`unix:${socket}`, child);
  } catch (error) {
    await stop();
    throw new Error(`${machine} with ${kernel} did not start: ${String(error)}\n${log}`);
  }
  const spec = `unix:${socket}`;
  return { spec, open: () => openPort(spec), log: () => log, stop };
}

/** A boot banner may be lost before anyone listens, so a question is asked until it is answered. */
async function untilItAnswers(spec: string, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + startMs;
  for (;;) {
    try {
      const port = await openPort(spec);
      const client = new SmpClient(port);
      try {
        await osGroup.echo(client, 'ready?', { attempts: 10, timeoutMs: 500 });
        return;
      } finally {
        client.detach();
        await port.close();
      }
    } catch (error) {
      if (performance.now() > deadline || child.exitCode !== null || child.signalCode !== null) throw error;
      // The socket is not there yet.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
