import { mulberry32 } from '@hilltop/contracts';
import type { Timer } from '@hilltop/firmware-bridge';
import {
  nominalCalibration,
  type Ppk2Calibration,
  ppk2AdcMax,
  ppk2Opcode,
  ppk2Ranges,
  ppk2SamplesPerSecond,
} from '../ppk2-format.js';
import type { SimulatedInstrument } from './in-memory-port.js';
import type { SyntheticLoad } from './synthetic-load.js';

// A global is a slow look-up where tests run, and this is asked a hundred thousand times a second.
const { max, min, round, sqrt } = Math;

export interface SimulatedPpk2Options {
  readonly load: SyntheticLoad;
  readonly timer: Timer;
  readonly seed: number;
  /** Its clock is slow by so much, relative. */
  readonly drift?: number;
  /** Holds no coefficients. */
  readonly uncalibrated?: boolean;
  /** Mean of a random delay of each transfer, ms. */
  readonly jitterMs?: number;
}

const tickMs = 5;
/** From these currents on a higher range is taken, A; a lower one again below a part of them. */
const upAmperes = [50e-6, 500e-6, 5e-3, 60e-3] as const;
const hysteresis = 0.8;
/** The converter's own noise, steps, and how far it is off while a new range settles. */
const converterNoise = 1.5;
const settling = { samples: 2, error: 0.4 } as const;
const voltPerCount = 1.8 / 163_840;
const argumentBytes: Readonly<Record<number, number>> = {
  [ppk2Opcode.power]: 1,
  [ppk2Opcode.voltage]: 2,
  [ppk2Opcode.mode]: 1,
};

/** A Power Profiler Kit II with a synthetic device behind it, byte for byte. */
export class SimulatedPpk2 implements SimulatedInstrument {
  private readonly random: () => number;
  readonly calibration: Ppk2Calibration;
  millivolts = 3300;
  mode = 2;
  powered = false;
  private commands: number[] = [];
  private cancel: (() => void) | undefined;
  private startedMs = 0;
  private taken = 0;
  private counter = 0;
  private range = 0;
  private settled = 0;
  private toLose = 0;
  private bytesToLose = 0;
  private dueMs = 0;

  constructor(
    private readonly send: (bytes: Uint8Array) => void,
    private readonly options: SimulatedPpk2Options,
  ) {
    this.random = mulberry32(options.seed ^ 0x9e3779b9);
    this.calibration = options.uncalibrated ? nominalCalibration : this.ownCalibration();
  }

  receive(bytes: Uint8Array): void {
    this.commands.push(...bytes);
    for (;;) {
      const opcode = this.commands[0];
      if (opcode === undefined) return;
      const length = 1 + (argumentBytes[opcode] ?? 0);
      if (this.commands.length < length) return;
      const [, ...given] = this.commands.splice(0, length);
      this.obey(opcode, given);
    }
  }

  end(): void {
    this.cancel?.();
    this.cancel = undefined;
  }

  /** The next so many samples are counted but never sent. */
  loseSamples(samples: number): void {
    this.toLose += samples;
  }

  /** The next so many bytes are lost on the way. */
  loseBytes(bytes: number): void {
    this.bytesToLose += bytes;
  }

  private obey(opcode: number, given: readonly number[]): void {
    if (opcode === ppk2Opcode.metadata) this.send(Buffer.from(this.metadata(), 'latin1'));
    else if (opcode === ppk2Opcode.power) this.powered = given[0] === 1;
    else if (opcode === ppk2Opcode.mode) this.mode = given[0]!;
    else if (opcode === ppk2Opcode.voltage) this.millivolts = (given[0]! - 3) * 256 + given[1]! + 800 - 32;
    else if (opcode === ppk2Opcode.stop) this.end();
    else if (opcode === ppk2Opcode.start) {
      this.end();
      this.startedMs = this.options.timer.now();
      this.taken = 0;
      this.schedule();
    }
  }

  private schedule(): void {
    this.cancel = this.options.timer.after(tickMs, () => {
      this.schedule();
      this.tick();
    });
  }

  /** Takes the samples that are due and sends what of them is not lost. */
  private tick(): void {
    const { timer, load, drift = 0, jitterMs } = this.options;
    const now = timer.now();
    const periodMs = (1000 / ppk2SamplesPerSecond) * (1 + drift);
    const due = Math.floor((now - this.startedMs) / periodMs) - this.taken;
    const out = Buffer.alloc(Math.max(0, due) * 4);
    let at = 0;
    for (let i = 0; i < due; i++) {
      const watts = load.powerAt(this.startedMs + this.taken++ * periodMs);
      const word = this.word(this.powered ? watts / (this.millivolts / 1000) : 0);
      if (this.toLose > 0) this.toLose--;
      else at = out.writeUInt32LE(word, at);
    }
    const lost = Math.min(at, this.bytesToLose);
    this.bytesToLose -= lost;
    const bytes = out.subarray(lost, at);
    if (bytes.length === 0) return;
    if (jitterMs === undefined) {
      this.send(bytes);
      return;
    }
    // Late by an exponential delay, and in order.
    this.dueMs = Math.max(this.dueMs, now - jitterMs * Math.log(1 - this.random()));
    timer.after(this.dueMs - now, () => this.send(bytes));
  }

  private word(amperes: number): number {
    const before = this.range;
    while (this.range < ppk2Ranges - 1 && amperes > upAmperes[this.range]!) this.range++;
    while (this.range > 0 && amperes < hysteresis * upAmperes[this.range - 1]!) this.range--;
    this.settled = this.range === before ? this.settled + 1 : 0;
    const error = this.settled < settling.samples ? 1 + settling.error * (2 * this.random() - 1) : 1;
    const exact = this.converted(amperes) * error + converterNoise * (2 * this.random() - 1);
    const adc = max(0, min(ppk2AdcMax, round(exact)));
    this.counter = (this.counter + 1) & 63;
    return ((this.counter << 18) | (this.range << 14) | adc) >>> 0;
  }

  /** What the converter would show, unrounded: the conversion of a sample, solved for it. */
  private converted(amperes: number): number {
    const { r, gs, gi, o, s, i, ug } = this.calibration;
    const n = this.range;
    const c = amperes / ug[n]! - (s[n]! * this.millivolts) / 1000 - i[n]!;
    const x = (2 * c) / (gi[n]! + sqrt(max(0, gi[n]! ** 2 + 4 * gs[n]! * c)));
    return ((x * r[n]!) / voltPerCount + o[n]!) / 4;
  }

  /** A kit's shunts are a few per cent off, each in its own way; values as they are written. */
  private ownCalibration(): Ppk2Calibration {
    const written = (value: number): number => Number(value.toFixed(6));
    const around = (middle: number, part: number): number => written(middle * (1 + part * (2 * this.random() - 1)));
    const about = (spread: number): number => written(spread * (2 * this.random() - 1));
    const each = (value: (range: number) => number): number[] => nominalCalibration.r.map((_, range) => value(range));
    return {
      r: each((range) => around(nominalCalibration.r[range]!, 0.05)),
      gs: each(() => about(0.05)),
      gi: each(() => around(1, 0.02)),
      o: each(() => about(8)),
      s: each(() => about(2e-6)),
      i: each(() => about(2e-6)),
      ug: each(() => 1),
    };
  }

  private metadata(): string {
    const rows: Array<[string, readonly number[]]> = [
      ['R', this.calibration.r],
      ['GS', this.calibration.gs],
      ['GI', this.calibration.gi],
      ['O', this.calibration.o],
      ['S', this.calibration.s],
      ['I', this.calibration.i],
      ['UG', this.calibration.ug],
    ];
    const value = (v: number): string => (this.options.uncalibrated ? '-nan' : v.toFixed(6));
    return [
      `Calibrated: ${this.options.uncalibrated ? 0 : 1}`,
      ...rows.flatMap(([name, values]) => values.map((v, range) => `${name}${range}: ${value(v)}`)),
      `VDD: ${this.millivolts}`,
      'HW: 9173',
      `mode: ${this.mode}`,
      'IA: 56',
      'END',
      '',
    ].join('\n');
  }
}
