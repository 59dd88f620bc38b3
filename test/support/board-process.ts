import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The host build of the firmware as a board that a hand pulls and plugs in again: a process that ends and starts at one address. */
export class BoardProcess {
  /** As `hilltop agent --serial` takes it. */
  readonly spec: string;
  private readonly folder = mkdtempSync(join(tmpdir(), 'hilltop-board-'));
  private child: ChildProcess | undefined;

  constructor(private readonly program: string) {
    this.spec = `unix:${join(this.folder, 'line')}`;
  }

  /** Resolves when it listens. */
  async plug(): Promise<this> {
    this.child = spawn(this.program, [this.spec], { stdio: ['ignore', 'ignore', 'pipe'] });
    await once(this.child.stderr!, 'data');
    return this;
  }

  /** Resolves when it is gone, with everything it had in memory. */
  async pull(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'close');
    child.kill('SIGKILL');
    await gone;
  }

  /** Stops its time, as a program that hangs; `SIGCONT` wakes it. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.child!.kill(signal);
  }

  async stop(): Promise<void> {
    await this.pull();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
