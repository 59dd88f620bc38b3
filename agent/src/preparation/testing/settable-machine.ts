import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Preparation } from '../preparation.js';
import type { Wanted } from '../wanted.js';

/** Hundreds of records are made durable in a test: in memory that costs nothing. */
const memory = '/dev/shm';

const cpufreq = 'sys/devices/system/cpu/cpufreq';
export const governorFile = (policy: number): string => `${cpufreq}/policy${policy}/scaling_governor`;
export const pwm = 'sys/class/hwmon/hwmon2/pwm1';
export const zone = 'sys/class/thermal/thermal_zone0/temp';

/** What a Jetson's power modes do here: mode 0 has the second cluster, mode 1 does not; each sets the governors anew. */
const clusters: Readonly<Record<number, readonly number[]>> = { 0: [0, 4], 1: [0] };

/** What the machine and the record are when the process that changes them is killed. */
class Killed extends Error {}

/**
 * A constructed machine with settings in files: two clusters, a regulated fan, a thermal zone, nvpmodel. A kill is simulated by what it leaves: the
 * machine and the disk as they were at that change, whatever the killed one would have done after it.
 */
export class SettableMachine {
  readonly folder = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'hilltop-settable-'));
  readonly root = join(this.folder, 'root');
  readonly recordPath = join(this.folder, 'undo.json');
  readonly warnings: string[] = [];
  readonly changes: string[] = [];
  /** Files that refuse to be written. */
  readonly closed = new Set<string>();
  /** So many of the next changes of the power mode fail. */
  modeFailures = 0;
  now = 0;
  private killIn: { changes: number; when: 'before' | 'after' } | undefined;
  private dead = false;

  constructor(settings: { readonly jetson?: boolean; readonly celsius?: number } = {}) {
    for (const policy of clusters[0]!) this.addCluster(policy, 'ondemand');
    this.write(pwm, '80');
    this.write(`${pwm}_enable`, '2');
    this.write(zone, String((settings.celsius ?? 40) * 1000));
    this.write('proc/sys/kernel/random/boot_id', 'first-boot');
    if (settings.jetson) {
      this.write('proc/device-tree/compatible', 'nvidia,p3767-0000\0nvidia,tegra234\0');
      this.write('mode', '0');
    }
  }

  preparation(wanted: Wanted): Preparation {
    return new Preparation({
      root: this.root,
      wanted,
      recordPath: this.recordPath,
      taskset: '/usr/bin/taskset',
      warn: (problem) => this.warnings.push(problem),
      run: async (command, args) => this.nvpmodel(command, args),
      write: (path, text) => this.kernelWrite(path, text),
      clock: {
        now: () => this.now,
        pause: async (ms) => {
          this.now += ms;
        },
      },
    });
  }

  /** Kills whoever makes the n-th change from now on, just before it or just after it. */
  killAt(changes: number, when: 'before' | 'after'): void {
    this.killIn = { changes, when };
  }

  /** After the killed one is done with what it can do no more: its successor may begin. Whether there was a kill at all. */
  bury(): boolean {
    const killed = this.dead;
    if (killed) {
      rmSync(this.root, { recursive: true });
      cpSync(join(this.folder, 'at-kill'), this.root, { recursive: true });
      rmSync(this.recordPath, { force: true });
      if (existsSync(join(this.folder, 'record-at-kill'))) cpSync(join(this.folder, 'record-at-kill'), this.recordPath);
    }
    this.dead = false;
    this.killIn = undefined;
    return killed;
  }

  read(path: string): string | undefined {
    return existsSync(join(this.root, path)) ? readFileSync(join(this.root, path), 'utf8').trim() : undefined;
  }

  /** By hand, past the kernel. */
  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), `${text}\n`);
  }

  /** Everything that can be set. */
  state(): Record<string, string | undefined> {
    const paths = ['mode', governorFile(0), governorFile(4), pwm, `${pwm}_enable`];
    return Object.fromEntries(paths.map((path) => [path, this.read(path)]));
  }

  get recorded(): boolean {
    return existsSync(this.recordPath);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private kernelWrite(path: string, text: string): void {
    const name = path.slice(this.root.length + 1);
    this.change(`${name}=${text}`, () => {
      if (!existsSync(path)) throw Object.assign(new Error('gone'), { code: 'ENOENT' });
      if (this.closed.has(name)) throw Object.assign(new Error('not for you'), { code: 'EACCES' });
      writeFileSync(path, `${text}\n`);
    });
  }

  private nvpmodel(command: string, args: readonly string[]): string | undefined {
    const mode = this.read('mode');
    if (command !== 'nvpmodel' || mode === undefined) return undefined;
    if (args[0] === '-q') return `NV Power Mode: MODE_${mode}\n${mode}\n`;
    const cores = clusters[Number(args[1])];
    if (!cores || this.closed.has('mode') || this.modeFailures-- > 0) return undefined;
    try {
      this.change(`mode=${args[1]}`, () => {
        this.write('mode', args[1]!);
        for (const policy of [0, 4])
          rmSync(join(this.root, cpufreq, `policy${policy}`), { recursive: true, force: true });
        for (const policy of cores) this.addCluster(policy, 'schedutil');
      });
    } catch {
      return undefined;
    }
    return '';
  }

  private change(what: string, act: () => void): void {
    if (this.dead) throw new Killed();
    const due = this.killIn && --this.killIn.changes === 0;
    if (due && this.killIn!.when === 'before') this.die();
    this.changes.push(what);
    act();
    if (due) this.die();
  }

  private die(): never {
    this.dead = true;
    rmSync(join(this.folder, 'at-kill'), { recursive: true, force: true });
    rmSync(join(this.folder, 'record-at-kill'), { force: true });
    cpSync(this.root, join(this.folder, 'at-kill'), { recursive: true });
    if (this.recorded) cpSync(this.recordPath, join(this.folder, 'record-at-kill'));
    throw new Killed();
  }

  private addCluster(policy: number, governor: string): void {
    this.write(governorFile(policy), governor);
    this.write(`${cpufreq}/policy${policy}/scaling_available_governors`, 'ondemand schedutil performance');
  }
}
