import type { Timer } from '@hilltop/firmware-bridge';
import type { SimulatedInstrument } from './in-memory-port.js';
import type { SyntheticLoad } from './synthetic-load.js';

export interface SimulatedLpm01aOptions {
  readonly load: SyntheticLoad;
  readonly timer: Timer;
  /** Its clock is slow by so much, relative. */
  readonly drift?: number;
}

const tickMs = 5;
/** The energy of an interval is summed from so many values. */
const partsOfSample = 10;
const known =
  /^(htc|hrc|stop|start|acqtime|trigdelay|trigsrc|eventsrc|acqmode|funcmode|output|format|freq|volt|pwr|pwrend|lcd|status|powershield)\b/;
/** More than this in its dynamic mode is an overcurrent, A. */
const mostAmperes = 0.05;

/** An X-NUCLEO-LPM01A with a synthetic device behind it, byte for byte. */
export class SimulatedLpm01a implements SimulatedInstrument {
  private text = '';
  private controlled = false;
  private hertz = 100;
  private binary = false;
  private energy = false;
  private volts = 3.3;
  private powered = false;
  private cancel: (() => void) | undefined;
  private startedMs = 0;
  private taken = 0;
  private stampedS = -1;
  private toLose = 0;
  private over = false;
  /** What its time stamps say of its buffer. */
  bufferPercent = 0;

  constructor(
    private readonly send: (bytes: Uint8Array) => void,
    private readonly options: SimulatedLpm01aOptions,
  ) {}

  receive(bytes: Uint8Array): void {
    this.text += Buffer.from(bytes).toString('latin1');
    for (let end = this.text.indexOf('\n'); end >= 0; end = this.text.indexOf('\n')) {
      const command = this.text.slice(0, end).trim();
      this.text = this.text.slice(end + 1);
      this.obey(command);
    }
  }

  end(): void {
    this.cancel?.();
    this.cancel = undefined;
  }

  /** The next so many samples never come. */
  loseSamples(samples: number): void {
    this.toLose += samples;
  }

  private obey(command: string): void {
    if (!known.test(command) || (!this.controlled && !/^(htc|stop|powershield)/.test(command))) {
      this.line(`error ${command}`);
      return;
    }
    const [verb, value = ''] = command.split(' ');
    if (verb === 'htc') this.controlled = true;
    if (verb === 'hrc') this.controlled = false;
    if (verb === 'freq') this.hertz = number(value);
    if (verb === 'format') this.binary = value === 'bin_hexa';
    if (verb === 'output') this.energy = value === 'energy';
    if (verb === 'volt') this.volts = number(value);
    if (verb === 'pwr') this.powered = value === 'on';
    const ran = this.cancel !== undefined;
    if (verb === 'stop') this.end();
    if (verb === 'stop' && ran && this.binary) this.send(Buffer.of(0xf0, 0xf4, 0xff, 0xff));
    else if (verb === 'stop' && ran) this.line('end');
    this.line(`ack ${command}`);
    if (verb !== 'start') return;
    this.startedMs = this.options.timer.now();
    this.taken = 0;
    this.stampedS = -1;
    this.over = false;
    this.schedule();
  }

  private line(text: string): void {
    this.send(Buffer.from(`PowerShield > ${text}\r\n`, 'latin1'));
  }

  private schedule(): void {
    this.cancel = this.options.timer.after(tickMs, () => {
      this.schedule();
      this.tick();
    });
  }

  private tick(): void {
    const { timer, drift = 0 } = this.options;
    const periodMs = (1000 / this.hertz) * (1 + drift);
    const due = Math.floor((timer.now() - this.startedMs) / periodMs) - this.taken;
    const out: Buffer[] = [];
    for (let i = 0; i < due; i++) {
      const second = Math.floor(this.taken / this.hertz);
      if (second > this.stampedS) {
        this.stampedS = second;
        out.push(this.stamp(second));
      }
      const value = this.sample(this.startedMs + this.taken++ * periodMs, periodMs, out);
      if (this.toLose > 0) this.toLose--;
      else out.push(this.binary ? binaryBytes(value) : Buffer.from(`${decimalText(value)}\r\n`, 'latin1'));
    }
    if (out.length > 0) this.send(Buffer.concat(out));
  }

  /** J of an interval of its own clock, or the mean current in A. */
  private sample(fromMs: number, periodMs: number, out: Buffer[]): number {
    let watts = 0;
    for (let part = 0; part < partsOfSample; part++)
      watts += this.options.load.powerAt(fromMs + (part * periodMs) / partsOfSample) / partsOfSample;
    const amperes = this.powered ? watts / this.volts : 0;
    if (amperes > mostAmperes && !this.over) {
      this.over = true;
      out.push(this.binary ? Buffer.of(0xf0, 0xf5, 0xff, 0xff) : Buffer.from('error overcurrent\r\n', 'latin1'));
    }
    return this.energy ? (amperes * this.volts) / this.hertz : amperes;
  }

  private stamp(second: number): Buffer {
    const ms = second === 0 ? 1 : second * 1000;
    if (!this.binary) {
      const part = (value: number, digits: number): string => String(value).padStart(digits, '0');
      const text = `TimeStamp: ${part(Math.floor(ms / 1000), 3)}s ${part(ms % 1000, 3)}ms, buff ${part(this.bufferPercent, 2)}%\r\n`;
      return Buffer.from(text, 'latin1');
    }
    const bytes = Buffer.of(0xf0, 0xf3, 0, 0, 0, 0, this.bufferPercent, 0xff, 0xff);
    bytes.writeUInt32BE(ms, 2);
    return bytes;
  }
}

/** `1k`, `3300m` and `100` as numbers. */
const number = (text: string): number => Number.parseFloat(text) * ({ k: 1e3, m: 1e-3, u: 1e-6 }[text.slice(-1)] ?? 1);

/** Four digits and an exponent: 42.13e-6 is `4213-08`. */
export function decimalText(value: number): string {
  if (value <= 0) return '0000-00';
  let exponent = Math.floor(Math.log10(value)) - 3;
  let mantissa = Math.round(value / 10 ** exponent);
  if (mantissa === 10_000) {
    mantissa = 1000;
    exponent++;
  }
  const digits = String(Math.abs(exponent)).padStart(2, '0');
  return `${String(mantissa).padStart(4, '0')}${exponent < 0 ? '-' : '+'}${digits}`;
}

/** Twelve bits and an exponent of 16. */
export function binaryBytes(value: number): Buffer {
  let exponent = 0;
  while (exponent < 14 && value * 16 ** (exponent + 1) < 4095.5) exponent++;
  const out = Buffer.alloc(2);
  out.writeUInt16BE((exponent << 12) | Math.min(0xfff, Math.round(value * 16 ** exponent)));
  return out;
}
