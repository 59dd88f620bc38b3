import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { errorText, powerModeRefusal } from '@hilltop/contracts';
import { hottestZone } from '../kernel-counters.js';
import { runFailure } from '../runtimes/outcome.js';
import type { Surroundings } from '../sensors/sensor-source.js';
import { readFile } from '../sensors/sysfs.js';
import { affinityLack } from './affinity.js';
import { checkPreparation } from './check-preparation.js';
import { coolDownState, type Sample } from './cool-down.js';
import { lookAtSettings } from './look.js';
import { type Change, type Lack, planChanges } from './plan.js';
import { powerModes } from './power-modes.js';
import { emptyRecord, isEmpty, keepRecord, mergeRecords, readRecord, type UndoRecord } from './undo-record.js';
import { type Wanted, wantedText } from './wanted.js';

/** A fan's value may come back rounded by its chip. */
function same(now: string | undefined, set: string): boolean {
  return now === set || (/^\d+$/.test(set) && now !== undefined && Math.abs(Number(now) - Number(set)) <= 3);
}

export interface PreparationPorts extends Pick<Surroundings, 'root' | 'run'> {
  /** What the operator allows; everything else is left alone. */
  readonly wanted: Wanted;
  /** Where the undo record is kept, on a disk that outlives the agent. */
  readonly recordPath: string;
  /** `taskset`, where it is. */
  readonly taskset?: string;
  /** Something that was wanted and was not done, or not taken back, for the log. */
  readonly warn: (problem: string) => void;
  readonly clock: { readonly now: () => number; readonly pause: (ms: number, signal?: AbortSignal) => Promise<void> };
  /** Writes a file of the kernel, throwing what the kernel says; the machine's own but for tests. */
  readonly write?: (path: string, text: string) => void;
}

/** Never makes a file: one that is gone went with its device. */
function writeOver(path: string, text: string): void {
  const file = openSync(path, constants.O_WRONLY | constants.O_TRUNC);
  try {
    writeSync(file, text);
  } finally {
    closeSync(file);
  }
}

/** Between two looks at the temperature while it cools, ms. */
const lookMs = 1000;

/**
 * Sets the machine up for a run and takes everything back after it. How it was is on disk before anything is changed, so that whoever starts next can
 * take it back after a kill. Wanted and impossible is a warning, and the run goes without: its environment says what was done.
 */
export class Preparation {
  private coolestC = Number.POSITIVE_INFINITY;
  private readonly made: Change[] = [];

  constructor(private readonly ports: PreparationPorts) {}

  /** Processors for the measured process, where they are there. */
  get affinity(): string | undefined {
    const { wanted, root, taskset } = this.ports;
    return wanted.affinity !== undefined && !affinityLack(root, wanted.affinity, taskset) ? wanted.affinity : undefined;
  }

  /** What of the wanted is impossible here, by looking only. */
  async lacks(): Promise<readonly Lack[]> {
    return (await checkPreparation(this.ports.wanted, this.ports)).lacks;
  }

  /** Power modes that a run may choose, by name; none unless the operator allows it. */
  get modes(): readonly string[] {
    const { wanted, root } = this.ports;
    return wanted.modes ? [...powerModes(root).keys()] : [];
  }

  /**
   * Makes the changes; resolves with what was done, as a run's environment has it. Throws the signal's reason, and `runtime.setting-unsupported` where the
   * mode that the run chooses cannot be; `end` is called after it in any case.
   */
  async begin(signal: AbortSignal, onCooling: () => void = () => undefined, chosenMode?: string): Promise<string[]> {
    const { affinity } = this;
    signal.throwIfAborted();
    const done = chosenMode === undefined ? await this.set() : await this.setWithMode(chosenMode);
    if (affinity !== undefined) done.push(`affinity=${affinity}`);
    if (this.ports.wanted.coolDown) {
      const cooled = await this.coolDown(signal, onCooling);
      if (cooled) done.push(cooled);
    }
    return done;
  }

  /** The settings alone, without a cool-down. The power mode comes first, for it sets governors and cores anew. */
  async set(wanted: Wanted = this.ports.wanted): Promise<string[]> {
    await this.restore();
    this.noteTemperature();
    const done: string[] = [];
    if (await this.setPowerMode(wanted)) done.push(`power-mode=${wanted.powerMode}`);
    // Asking nvpmodel is a process: not for nothing.
    if (wanted.governor === undefined && wanted.fan === undefined) return done;
    const { changes, lacks } = planChanges(wanted, await lookAtSettings(this.ports));
    for (const { part, what } of lacks) if (part !== 'powerMode') this.ports.warn(what);
    if (!(await this.remember({ files: changes.map(({ path, before }) => ({ path, before })) }))) return done;
    for (const part of ['governor', 'fan'] as const) {
      const own = changes.filter((change) => change.part === part);
      if (wanted[part] === undefined || lacks.some((lack) => lack.part === part) || !this.makeAll(own)) continue;
      this.made.push(...own);
      done.push(`${part}=${wanted[part]}`);
    }
    return done;
  }

  /** After any end of a run. Never rejects: what cannot be taken back stays on disk and is tried again. */
  async end(): Promise<void> {
    for (const { path, after } of this.made.splice(0))
      if (!same(this.value(path), after))
        this.ports.warn(`/${path} did not stay ${after} during the run: something else sets it too`);
    await this.restore();
  }

  /** Takes back what the record says, a predecessor's too; nothing where there is none. Never rejects. */
  async restore(): Promise<void> {
    try {
      const record = await readRecord(this.ports.recordPath);
      if (!record) return;
      if ('damaged' in record)
        return this.ports.warn(
          `what was changed for a run is not known any more, see ${record.damaged}: check governor, fan and power mode`,
        );
      await keepRecord(this.ports.recordPath, await this.takeBack(record));
    } catch (error) {
      this.ports.warn(`what was changed for a run could not be taken back: ${errorText(error)}`);
    }
  }

  /** Resolves with what is left to do. The mode comes first here too: files of cores that it takes away are not there before. */
  private async takeBack(record: UndoRecord): Promise<UndoRecord> {
    const { powerMode } = record;
    const modeLeft = powerMode !== undefined && !(await this.changePowerMode(powerMode));
    const sameBoot = record.bootId === this.bootId();
    const left = sameBoot ? record.files.toReversed().filter(({ path, before }) => !this.put(path, before)) : [];
    if (modeLeft) this.ports.warn(`the power mode could not be set back to ${powerMode}`);
    for (const { path, before } of left) this.ports.warn(`/${path} could not be set back to ${before}`);
    // A mode that comes back later sets governors anew, and brings cores back: all files are written again then.
    if (modeLeft) return { ...this.stamp(), powerMode, files: sameBoot ? record.files : [] };
    return { ...this.stamp(), files: left.toReversed() };
  }

  /** As `set`, with a mode of the run's in place of the operator's. All of it or a failure: a run is not counted under a mode it did not have. */
  private async setWithMode(name: string): Promise<string[]> {
    const refusal = powerModeRefusal('this machine', this.modes, { powerMode: name });
    if (refusal) throw runFailure(refusal.code, 'user', refusal.message);
    const wish = powerModes(this.ports.root).get(name)!;
    const done = await this.set({ ...this.ports.wanted, ...wish });
    if (wantedText(wish).every((part) => done.includes(part))) return done;
    const [lack] = (await checkPreparation(wish, this.ports)).lacks;
    const why = lack ? `${lack.what}; ${lack.remedy}` : 'it takes root, and some modes a restart of the machine';
    throw runFailure('runtime.setting-unsupported', 'user', `the power mode ${name} could not be set here: ${why}`);
  }

  private async setPowerMode(wanted: Wanted): Promise<boolean> {
    const { warn } = this.ports;
    if (wanted.powerMode === undefined) return false;
    const seen = await lookAtSettings(this.ports);
    const { powerMode, lacks } = planChanges(wanted, seen);
    const lack = lacks.find(({ part }) => part === 'powerMode');
    if (lack) warn(lack.what);
    if (lack || !powerMode) return !lack;
    // The mode sets governors anew, wanted or not: they are kept with it, as they were under the mode that will come back.
    const files = seen.governors.map(({ path, now }) => ({ path, before: now }));
    if (!(await this.remember({ powerMode: powerMode.before, files }))) return false;
    if (await this.changePowerMode(powerMode.after)) return true;
    warn(
      `the power mode could not be set to ${powerMode.after}: it takes root, and some modes a restart of the machine`,
    );
    return false;
  }

  /** By what nvpmodel says afterwards, not by its exit: a mode that wants a restart ends well and is not there. */
  private async changePowerMode(id: number): Promise<boolean> {
    if ((await lookAtSettings(this.ports)).powerMode === id) return true;
    await this.ports.run('nvpmodel', ['-m', String(id)]);
    return (await lookAtSettings(this.ports)).powerMode === id;
  }

  /** Whether it is on disk now: nothing is changed that could not be taken back. */
  private async remember(more: UndoRecord): Promise<boolean> {
    if (isEmpty(more)) return true;
    try {
      const known = await readRecord(this.ports.recordPath);
      const record = known && 'files' in known ? known : emptyRecord;
      await keepRecord(this.ports.recordPath, mergeRecords(record, { ...this.stamp(), ...more }));
      return true;
    } catch (error) {
      this.ports.warn(`nothing is changed for the run, for how it was cannot be kept: ${errorText(error)}`);
      return false;
    }
  }

  /** All or none: a machine with one core at another clock is no condition that has a name. */
  private makeAll(changes: readonly Change[]): boolean {
    const failed = changes.findIndex((change) => !this.make(change));
    if (failed < 0) return true;
    for (const { path, before } of changes.slice(0, failed).toReversed()) this.put(path, before);
    return false;
  }

  private make({ part, path, before, after }: Change): boolean {
    if (this.put(path, after) && (part !== 'governor' || this.value(path) === after)) return true;
    this.ports.warn(`/${path} could not be set from ${before} to ${after}`);
    return false;
  }

  /** Whether the kernel took it, or has it already, or the file is gone with its device. What a fan reads back may be rounded. */
  private put(path: string, text: string): boolean {
    try {
      (this.ports.write ?? writeOver)(join(this.ports.root, path), text);
      return true;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ENOENT' || this.value(path) === text;
    }
  }

  private value(path: string): string | undefined {
    return readFile(this.ports.root, path)?.trim();
  }

  private bootId(): string | undefined {
    return this.value('proc/sys/kernel/random/boot_id');
  }

  private stamp(): Pick<UndoRecord, 'bootId'> {
    const bootId = this.bootId();
    return bootId === undefined ? {} : { bootId };
  }

  private noteTemperature(): void {
    const celsius = hottestZone(this.ports.root);
    if (celsius < this.coolestC) this.coolestC = celsius;
  }

  /** Waits until the machine is as cool as it is known to get; undefined where it tells no temperature. */
  private async coolDown(signal: AbortSignal, onCooling: () => void): Promise<string | undefined> {
    const { clock, root, warn } = this.ports;
    const samples: Sample[] = [];
    for (;;) {
      signal.throwIfAborted();
      const celsius = hottestZone(root);
      if (!Number.isFinite(celsius)) {
        warn('cool-down: this machine tells no temperature');
        return undefined;
      }
      samples.push({ atMs: clock.now(), celsius });
      const state = coolDownState(samples, this.coolestC);
      if (state !== 'wait') {
        // The room is warmer than it was: what is reached now is what can be reached.
        if (state === 'steady') this.coolestC = celsius;
        if (state === 'timed-out') warn(`cool-down: still ${celsius.toFixed(1)} °C after ten minutes`);
        return `cool-down=${celsius.toFixed(1)}C${state === 'timed-out' ? ' timed-out' : ''}`;
      }
      if (samples.length === 1) onCooling();
      await clock.pause(lookMs, signal);
    }
  }
}
