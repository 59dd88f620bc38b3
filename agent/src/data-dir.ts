import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { LabError } from '@hilltop/contracts';
import * as z from 'zod';
import { killProcessGroup, processStart } from './runtimes/child-process.js';

/** The agent's folders, and the right to use them alone. */
export interface DataDir {
  readonly path: string;
  readonly journal: string;
  readonly cache: string;
  /** Private directories of children; on the cache's file system so that artifacts are linked, not copied. */
  readonly work: string;
  readonly release: () => Promise<void>;
}

/**
 * Takes a data directory exclusively. Throws `agent.data-locked` when another agent has it. What a killed
 * predecessor left behind, a child still running or its private directory, is cleaned up first.
 */
export async function openDataDir(path: string): Promise<DataDir> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const lock = await lockDirectory(path);
  const work = join(path, 'work');
  await endOrphan(path);
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  return {
    path,
    work,
    journal: join(path, 'journal'),
    cache: join(path, 'cache'),
    release: () => new Promise((resolve) => lock.close(() => resolve())),
  };
}

/**
 * A listening socket is the lock: the kernel gives it up when the process ends, however it ends. On Linux its
 * name lies in the abstract namespace and leaves no file behind; elsewhere it is a file in the directory.
 */
async function lockDirectory(path: string): Promise<Server> {
  const real = await realpath(path);
  const { dev, ino } = await stat(real);
  const name = createHash('sha256').update(`${dev}:${ino}`).digest('hex').slice(0, 32);
  const address = process.platform === 'linux' ? `\0hilltop-agent-${name}` : join(real, 'lock.sock');
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new LabError('agent.data-locked', `another agent uses ${path}; stop it, or give this one its own --data`)
          : error,
      );
    });
    server.listen(address, resolve);
  });
  server.unref();
  return server;
}

const Noted = z.object({ pid: z.number().int(), start: z.string() });
const childFile = (path: string): string => join(path, 'child.json');

/**
 * Notes which child runs, so that a successor can end it; the start time makes a reused process id harmless.
 * Not synced: after a power cut there is no child to end.
 */
export function noteChild(path: string, pid: number | undefined): void {
  if (pid === undefined) rmSync(childFile(path), { force: true });
  else writeFileSync(childFile(path), JSON.stringify({ pid, start: processStart(pid) }));
}

async function endOrphan(path: string): Promise<void> {
  const text = await readFile(childFile(path), 'utf8').catch(() => undefined);
  if (text === undefined) return;
  // A file cut short by a crash names no process.
  const noted = Noted.safeParse(text === '' ? undefined : JSON.parse(text));
  const { pid, start } = noted.success ? noted.data : { pid: 0, start: '' };
  if (Number.isInteger(pid) && pid > 1 && processStart(pid) === start) killProcessGroup(pid);
  await rm(childFile(path), { force: true });
}
