import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe } from '@jest/globals';
import { onPath } from './describe-with-qemu.js';

const program = fileURLToPath(new URL('./tiny-text-device.mjs', import.meta.url));

/** A suite that needs a pseudo terminal between two programs; without socat it is skipped, and the set-up has said the line to type. */
export const describeWithPty = onPath('socat') ? describe : describe.skip;

export interface TinyDeviceConfig {
  readonly vendor: string;
  readonly model: string;
  /** Of one inference, by its own clock. */
  readonly inferUs: number;
  readonly startUs: number;
  /** How sure of its classes it is. */
  readonly sharpness: number;
  /** What the items of each class look like. */
  readonly centres: readonly Uint8Array[];
}

/** The independent text device behind a pseudo terminal, as a board behind a serial port. */
export class TinyPty {
  /** As `openPort` and `hilltop agent --serial` take it. */
  readonly path: string;
  private readonly folder = mkdtempSync(join(tmpdir(), 'hilltop-tiny-'));
  private readonly log = join(this.folder, 'log');
  private child: ChildProcess | undefined;
  private held: number | undefined;

  constructor(config: TinyDeviceConfig) {
    this.path = join(this.folder, 'tty');
    writeFileSync(this.log, '');
    const centres = config.centres.map((bytes) => Buffer.from(bytes).toString('base64'));
    writeFileSync(join(this.folder, 'config'), JSON.stringify({ ...config, centres, log: this.log }));
  }

  async start(): Promise<this> {
    const device = `${process.execPath} ${program} ${join(this.folder, 'config')}`;
    this.child = spawn('socat', [`PTY,link=${this.path},raw,echo=0`, `EXEC:${device}`], { stdio: 'ignore' });
    while (!existsSync(this.path)) {
      if (this.child.exitCode !== null) throw new Error(`socat ended with ${this.child.exitCode}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    // A terminal that nobody has open is hung up; a serial port is not, when its program closes it.
    this.held = openSync(this.path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
    return this;
  }

  /** Whether the program behind the terminal still runs. */
  get alive(): boolean {
    return this.child?.exitCode === null && this.child.signalCode === null;
  }

  /** Every command that reached it so far, and what it wrote over behind its buffer. */
  noted(what: 'command' | 'trampled'): string[] {
    return readFileSync(this.log, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as [string, string])
      .flatMap(([kind, text]) => (kind === what ? [String(text)] : []));
  }

  async stop(): Promise<void> {
    if (this.held !== undefined) closeSync(this.held);
    const { child } = this;
    if (child && this.alive) {
      const gone = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGTERM');
      await gone;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
