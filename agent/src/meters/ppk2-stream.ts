import {
  adcOf,
  counterOf,
  type Ppk2Calibration,
  ppk2AdcMax,
  ppk2Amperes,
  ppk2Ranges,
  ppk2SamplesPerSecond,
  rangeOf,
} from './ppk2-format.js';

/** Mean and extremes of the current over samples `[first, end)`, A. */
export interface Bin {
  readonly first: number;
  readonly end: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
}

export interface Ppk2StreamListener {
  readonly onBin: (bin: Bin) => void;
  /** So many samples are missing before sample `index`. */
  readonly onLost: (samples: number, index: number) => void;
  /** More than the kit measures, for longer than a switch of ranges takes. */
  readonly onOverRange: (index: number) => void;
}

/** Samples of a bin: 1 kHz is kept. */
export const binSamples = ppk2SamplesPerSecond / 1000;

/**
 * The converter settles for a few samples after a switch of ranges; meanwhile a running mean stands for them, in the highest range a slower one,
 * which the first samples there do not enter.
 */
const filter = { alpha: 0.18, alphaHighest: 0.06, samples: 3, settling: 2 } as const;
const highest = ppk2Ranges - 1;

const mostAmperes = 1;
/** A spike of a switch is over in less. */
const overSamples = 10;
/** Counters that do not follow one another so often in a row are read from the wrong byte on. */
const misread = 8;

/**
 * 400 kB/s of samples to means of a millisecond. Bytes come in pieces of any size. A sample's place is its number since the start, those that the
 * counter tells to be missing included.
 */
export class Ppk2Stream {
  private readonly amperes: Float64Array;
  private readonly carry = new Uint8Array(4);
  private readonly carryView = new DataView(this.carry.buffer);
  private carried = 0;

  private next = 0;
  private counter = -1;
  private misread = 0;
  private skip = 0;

  private range = -1;
  private filtering = 0;
  private inRange = 0;
  private mean = Number.NaN;
  private meanHighest = Number.NaN;

  private binFirst = 0;
  private sum = 0;
  private count = 0;
  private min = Number.POSITIVE_INFINITY;
  private max = Number.NEGATIVE_INFINITY;
  private over = 0;

  constructor(
    calibration: Ppk2Calibration,
    volts: number,
    private readonly listener: Ppk2StreamListener,
  ) {
    // Every value there can be, once: 5 x 16384.
    this.amperes = new Float64Array(ppk2Ranges << 14);
    for (let range = 0; range < ppk2Ranges; range++)
      for (let adc = 0; adc <= ppk2AdcMax; adc++)
        this.amperes[(range << 14) | adc] = ppk2Amperes(calibration, range, adc, volts);
  }

  /** Number of the next sample: those before it are here or known to be missing. */
  get index(): number {
    return this.next;
  }

  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length && (this.carried > 0 || this.skip > 0)) {
      if (this.skip > 0) {
        this.skip--;
        at++;
        continue;
      }
      this.carry[this.carried++] = bytes[at++]!;
      if (this.carried < 4) continue;
      this.carried = 0;
      this.take(this.carryView.getUint32(0, true));
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    while (at + 4 <= bytes.length) {
      this.take(view.getUint32(at, true));
      at += 4;
      if (this.skip > 0 && at < bytes.length) {
        this.skip--;
        at++;
      }
    }
    while (at < bytes.length) this.carry[this.carried++] = bytes[at++]!;
  }

  private take(word: number): void {
    const counter = counterOf(word);
    if (counter !== ((this.counter + 1) & 63) && this.counter >= 0) this.miss(counter);
    else this.misread = 0;
    this.counter = counter;
    const range = rangeOf(word);
    const adc = adcOf(word);
    const amps = this.smooth(range, this.amperes[(range << 14) | adc]!);
    const index = this.next++;
    if (index >= this.binFirst + binSamples) this.closeBin(index);
    this.sum += amps;
    this.count++;
    if (amps < this.min) this.min = amps;
    if (amps > this.max) this.max = amps;
    if (amps > mostAmperes || (range === highest && adc === ppk2AdcMax)) {
      if (++this.over === overSamples) {
        this.listener.onOverRange(index);
        this.over = 0;
      }
    } else this.over = 0;
  }

  private miss(counter: number): void {
    const lost = (counter - this.counter - 1) & 63;
    if (++this.misread >= misread) {
      // The words begin at another byte; the next one is looked for a byte on, and its counter is believed.
      this.skip = 1;
      this.misread = 0;
    }
    this.next += lost;
    this.listener.onLost(lost, this.next);
  }

  /** The value to use for a sample: itself, or the running mean while a new range settles. */
  private smooth(range: number, amps: number): number {
    if (this.range < 0) {
      this.range = range;
      this.mean = this.meanHighest = amps;
    }
    const { mean, meanHighest } = this;
    this.mean += filter.alpha * (amps - mean);
    this.meanHighest += filter.alphaHighest * (amps - meanHighest);
    if (range !== this.range) {
      this.range = range;
      this.inRange = 0;
      this.filtering = filter.samples;
    } else if (this.filtering > 0) this.inRange++;
    if (this.filtering === 0) return amps;
    this.filtering--;
    if (range !== highest) return this.mean;
    if (this.inRange < filter.settling) {
      this.mean = mean;
      this.meanHighest = meanHighest;
    }
    return this.meanHighest;
  }

  private closeBin(index: number): void {
    if (this.count > 0)
      this.listener.onBin({
        first: this.binFirst,
        end: this.binFirst + binSamples,
        mean: this.sum / this.count,
        min: this.min,
        max: this.max,
      });
    this.binFirst = index - (index % binSamples);
    this.sum = 0;
    this.count = 0;
    this.min = Number.POSITIVE_INFINITY;
    this.max = Number.NEGATIVE_INFINITY;
  }
}
