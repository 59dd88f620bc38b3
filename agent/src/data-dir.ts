import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { LabError } from '@hilltop/contracts';
import * as z from 'zod';
import { absent } from './absent.js';
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
  // A socket file outlives its process; nobody answers on it then. The abstract namespace has no such leftovers.
  if (process.platform !== 'linux' && !(await answers(address))) await rm(address, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const remedy = `another agent uses ${path}; stop it, or give this one its own --data`;
      reject(error.code === 'EADDRINUSE' ? new LabError('agent.data-locked', remedy) : error);
    });
    server.listen(address, resolve);
  });
  server.unref();
  return server;
}

function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
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
  const text = await readFile(childFile(path), 'utf8').catch(absent);
  if (text === undefined) return;
  const noted = Noted.safeParse(parsed(text));
  if (noted.success && noted.data.pid > 1 && processStart(noted.data.pid) === noted.data.start)
    killProcessGroup(noted.data.pid);
  await rm(childFile(path), { force: true });
}

/** A note cut short by a crash names no process. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
