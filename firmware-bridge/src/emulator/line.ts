import { mulberry32 } from '@hilltop/contracts';
import type { BoardOptions, LineDirection } from './options.js';

/** What becomes of one byte: its value (maybe a wrong one), or nothing. */
export interface Fate {
  readonly byte: number | undefined;
  /** The board does this after the byte went (or did not go) over the line. */
  readonly after?: 'unplug' | 'hang';
}

/** One direction of a serial line, as good as the options say. The same options break the same bytes. */
export class Line {
  /** Bytes that were put on the line so far, lost ones included. */
  bytes = 0;
  readonly #faults: Map<number, BoardOptions['faults'][number]['does'][]>;
  readonly #noise: BoardOptions['noise'];
  readonly #draw: () => number;

  constructor(direction: LineDirection, options: Pick<BoardOptions, 'faults' | 'noise'>) {
    this.#faults = new Map();
    for (const { direction: own, byte, does } of options.faults)
      if (own === direction) this.#faults.set(byte, [...(this.#faults.get(byte) ?? []), does]);
    this.#noise = options.noise;
    // The two directions draw from streams of their own, so that traffic one way does not shift the other's faults.
    this.#draw = mulberry32((options.noise?.seed ?? 0) ^ (direction === 'to-board' ? 0x9e37_79b9 : 0x85eb_ca6b));
  }

  pass(byte: number): Fate {
    const faults = this.#faults.get(this.bytes);
    this.bytes++;
    let value: number | undefined = byte;
    let after: Fate['after'];
    if (this.#noise) {
      const { dropPerMillion, flipPerMillion } = this.#noise;
      if (this.#draw() * 1e6 < flipPerMillion) value ^= 1 << Math.floor(this.#draw() * 8);
      if (this.#draw() * 1e6 < dropPerMillion) value = undefined;
    }
    for (const fault of faults ?? []) {
      if (fault === 'drop') value = undefined;
      else if (typeof fault === 'object') value = value === undefined ? undefined : value ^ (1 << fault.flipBit);
      else after = fault;
    }
    return after ? { byte: value, after } : { byte: value };
  }
}
