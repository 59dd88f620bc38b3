import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildHostFirmware } from './host-firmware.js';
import { startLab, type TestLab } from './lab.js';

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
    this.child?.kill(signal);
  }

  async stop(): Promise<void> {
    await this.pull();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface BoardLab {
  readonly lab: TestLab;
  readonly board: BoardProcess;
  readonly stop: () => Promise<void>;
}

/** Coordinator, agent and such a board, with the sample model. */
export async function startBoardLab(): Promise<BoardLab> {
  const program = buildHostFirmware();
  const board = await new BoardProcess(program).plug();
  const lab = await startLab();
  await lab.agent('bench', { args: ['--serial', board.spec] });
  await lab.pushSample();
  return {
    lab,
    board,
    stop: async () => {
      // One whose time stands still cannot be ended by its agent.
      board.signal('SIGCONT');
      await lab.stop();
      await board.stop();
      rmSync(dirname(program), { recursive: true, force: true });
    },
  };
}
