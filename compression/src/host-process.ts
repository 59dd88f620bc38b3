import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeTensorPack, LabError, type TensorPack } from '@hilltop/contracts';
import type { Parts } from './encode.js';
import { type HostAnswers, type HostCall, type HostReply, hostFiles } from './host-messages.js';

export interface HostLimits {
  readonly dataBytesLimit: number;
  readonly cpuSecondsLimit: number;
  readonly wallMs: number;
}

interface Task {
  /** A file, or the parts of one. */
  readonly model: Uint8Array | Parts;
  readonly pack?: TensorPack;
  readonly signal?: AbortSignal;
}

/** The compiled child: beside this file, or in dist when this file runs from source (tests). */
function childFile(): string {
  const beside = fileURLToPath(new URL('./host-child.js', import.meta.url));
  return existsSync(beside) ? beside : fileURLToPath(new URL('../dist/host-child.js', import.meta.url));
}

const prlimit =
  process.platform === 'linux' ? ['/usr/bin/prlimit', '/bin/prlimit'].find((path) => existsSync(path)) : undefined;

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

interface Running {
  readonly process: ChildProcess;
  readonly directory: string;
  /** Fulfilled when the child is gone and its directory removed. */
  readonly exited: Promise<Exit>;
  stderr: string;
}

/** One warm child with a queue. Knows processes and files; what is asked is `host.ts`'s business. */
export class HostProcess {
  readonly capped = prlimit !== undefined;
  private running?: Running;
  private queue: Promise<unknown> = Promise.resolve();
  private nextId = 1;
  private closed = false;

  constructor(private readonly limits: HostLimits) {}

  /** Asks the child; `file` is the optimized model, when the call writes one. Calls wait for each other. */
  ask<C extends HostCall>(question: C, task: Task): Promise<{ value: HostAnswers[C['call']]; file?: Uint8Array }> {
    if (task.signal?.aborted) return Promise.reject(cancelled());
    const result = this.queue.then(() => this.askNow(question, task));
    this.queue = result.catch(() => undefined);
    return result;
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.end();
    await this.queue;
  }

  private async askNow<C extends HostCall>(
    question: C,
    task: Task,
  ): Promise<{ value: HostAnswers[C['call']]; file?: Uint8Array }> {
    if (this.closed) throw new LabError('run.cancelled', 'the host was closed');
    if (task.signal?.aborted) throw cancelled();
    this.running ??= this.start();
    const running = this.running;
    const path = (name: string): string => join(running.directory, name);
    try {
      await writeFile(path(hostFiles.model), task.model);
      if (task.pack) await writeFile(path(hostFiles.data), encodeTensorPack(task.pack));
      const reply = await this.exchange(running, question, task.signal);
      if ('error' in reply) throw new LabError(reply.error.code, reply.error.message, reply.error.details);
      const file = question.call === 'optimize' ? plain(await readFile(path(hostFiles.optimized))) : undefined;
      return { value: reply.value as HostAnswers[C['call']], ...(file && { file }) };
    } finally {
      for (const name of [hostFiles.model, hostFiles.data, hostFiles.optimized]) await rm(path(name), { force: true });
    }
  }

  /** Sends one question and waits for its answer, the child's death, the clock or the caller's signal. */
  private async exchange(
    running: Running,
    question: HostCall,
    signal: AbortSignal | undefined,
  ): Promise<Exclude<HostReply, { ready: true }>> {
    const { process: child } = running;
    const id = this.nextId++;
    let clock: NodeJS.Timeout | undefined;
    let listener: ((reply: HostReply) => void) | undefined;
    let abort: (() => void) | undefined;
    let stopped: LabError | undefined;
    const stop = (why: LabError): void => {
      stopped ??= why;
      child.kill('SIGKILL');
    };
    child.ref();
    child.channel?.ref();
    try {
      const reply = await new Promise<Exclude<HostReply, { ready: true }>>((resolve, reject) => {
        listener = (message) => {
          if ('id' in message && message.id === id) resolve(message);
        };
        child.on('message', listener);
        clock = setTimeout(
          () =>
            stop(
              new LabError('run.timeout', `the model did not finish within ${this.limits.wallMs} ms`, {
                wallMs: this.limits.wallMs,
              }),
            ),
          this.limits.wallMs,
        );
        abort = () => stop(cancelled());
        signal?.addEventListener('abort', abort, { once: true });
        running.exited.then((exit) => reject(stopped ?? this.deathOf(running, exit)));
        child.send({ id, question }, (error) => {
          // A dead child also shows as a failed write; its exit tells more.
          if (error) child.kill('SIGKILL');
        });
      });
      // The CPU limit counts from the child's birth: a fresh child for the next call keeps nine tenths of it for each.
      if (reply.cpuSeconds > this.limits.cpuSecondsLimit / 10) await this.end();
      return reply;
    } catch (error) {
      await this.end();
      throw error;
    } finally {
      clearTimeout(clock);
      if (listener) child.off('message', listener);
      if (abort) signal?.removeEventListener('abort', abort);
      child.unref();
      child.channel?.unref();
    }
  }

  private deathOf(running: Running, { code, signal }: Exit): LabError {
    const details = { exitCode: code, signal, stderr: running.stderr.slice(-500) };
    if (signal === 'SIGXCPU')
      return new LabError(
        'run.cpu-limit',
        `the model used more than ${this.limits.cpuSecondsLimit} s of CPU time`,
        details,
      );
    // Nobody here sent it: the kernel did, for memory. Node itself aborts when its heap cannot grow.
    if (signal === 'SIGKILL' || /out of memory|bad_alloc|allocation failed/i.test(running.stderr)) {
      return new LabError('run.out-of-memory', 'the model asks for more memory than it may use', {
        ...details,
        dataBytesLimit: this.limits.dataBytesLimit,
      });
    }
    return new LabError('run.crashed', `ONNX Runtime crashed (${signal ?? `exit code ${code}`})`, details);
  }

  private start(): Running {
    const directory = mkdtempSync(join(tmpdir(), hostFiles.directory));
    const { dataBytesLimit, cpuSecondsLimit } = this.limits;
    const command = [process.execPath, childFile()];
    // Soft limit first (SIGXCPU, told apart from SIGKILL), hard limit a little later. No core file: it would hold the model.
    if (prlimit)
      command.unshift(
        prlimit,
        `--data=${dataBytesLimit}`,
        `--cpu=${cpuSecondsLimit}:${cpuSecondsLimit + 2}`,
        '--nofile=512',
        '--core=0',
      );
    const child = spawn(command[0]!, command.slice(1), {
      cwd: directory,
      env: {},
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
    });
    // The process's own end is the last chance: a child in an endless loop does not notice that its parent left.
    const cleanUp = (): void => {
      child.kill('SIGKILL');
      rmSync(directory, { recursive: true, force: true });
    };
    process.once('exit', cleanUp);
    const exited = new Promise<Exit>((resolve) => {
      child.once('error', () => resolve({ code: -1, signal: null }));
      child.once('exit', (code, signal) => resolve({ code, signal }));
    }).then(async (exit) => {
      process.off('exit', cleanUp);
      if (this.running === running) this.running = undefined;
      await rm(directory, { recursive: true, force: true });
      return exit;
    });
    const running: Running = { process: child, directory, exited, stderr: '' };
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      running.stderr = (running.stderr + text).slice(-4000);
    });
    // An idle child must not keep its parent alive.
    (child.stderr as Socket | null)?.unref();
    return running;
  }

  private async end(): Promise<void> {
    const running = this.running;
    if (!running) return;
    this.running = undefined;
    // Its end is waited for: until then it keeps the parent alive again.
    running.process.ref();
    running.process.kill('SIGKILL');
    await running.exited;
  }
}

/** The same memory without Buffer's methods, whose `slice` does not copy. */
const plain = (bytes: Buffer): Uint8Array => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const cancelled = (): LabError => new LabError('run.cancelled', 'cancelled');
