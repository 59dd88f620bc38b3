import type { RP2040 } from 'rp2040js';
import type { CycleClock } from './clock.js';
import { flashStart, sramBytes, sramStart } from './image.js';
import { translate } from './translate.js';

/** Bound to a chip: runs until fewer than it needs of the cycles up to `limit` are left; 1: the interpreter has to do one. */
type Code = (limit: number, left: number) => number;

interface Translated {
  readonly needs: number;
  /** Undefined: nothing to translate here. */
  readonly run: Code | undefined;
}

/** Visits before a place is worth translating. */
const hot = 30;
/** More than any firmware has in use; beyond it, all is forgotten. */
const maxRegions = 2000;

/**
 * Runs the loops of a program as JavaScript that the engine compiles, several times as fast as rp2040js' interpreter and with the
 * same registers, memory and cycles; whatever is rare, and each interrupt and alarm, stays with the interpreter.
 */
export class FastCore {
  readonly #chip: RP2040;
  readonly #clock: CycleClock;
  readonly #visits = new Map<number, number>();
  readonly #regions = new Map<number, Translated>();
  /** One byte a word of SRAM: 1 where translated code lies. */
  readonly #code = new Uint8Array(sramBytes / 4);
  readonly #bound: readonly unknown[];
  readonly #state: { extra: number; codeStart: number; codeEnd: number };

  constructor(chip: RP2040, clock: CycleClock) {
    this.#chip = chip;
    this.#clock = clock;
    const { core, sram } = chip;
    const { buffer } = sram;
    const state = {
      extra: 0,
      // Of translated code, as offsets in SRAM.
      codeStart: sramBytes,
      codeEnd: 0,
      read32: (address: number, now: number) => this.#slow(address, now, false) && chip.readUint32(address),
      read16: (address: number, now: number) => this.#slow(address, now, false) && chip.readUint16(address),
      read8: (address: number, now: number) => this.#slow(address, now, false) && chip.readUint8(address),
      write32: (address: number, value: number, now: number) =>
        this.#slow(address, now, true) && chip.writeUint32(address, value),
      write16: (address: number, value: number, now: number) =>
        this.#slow(address, now, true) && chip.writeUint16(address, value),
      write8: (address: number, value: number, now: number) =>
        this.#slow(address, now, true) && chip.writeUint8(address, value),
    };
    this.#state = state;
    const arrays = [
      sram,
      new Int8Array(buffer),
      new Uint16Array(buffer),
      new Int16Array(buffer),
      new Int32Array(buffer),
    ];
    this.#bound = [core.registers, core, clock, state, this.#code, ...arrays];
    this.#watchWrites();
  }

  /**
   * Runs translated code from the program counter on, up to the clock's `limit` or the next alarm. False: the interpreter has to
   * carry out at least the next instruction.
   */
  run(limit: number): boolean {
    const { core } = this.#chip;
    if (core.interruptsUpdated) return false;
    const region = this.#at(core.PC);
    if (!region?.run) return false;
    const end = Math.min(limit, this.#clock.nextAlarm);
    const left = end - this.#clock.cycles;
    return left >= region.needs && region.run(end, left) === 0;
  }

  #at(pc: number): Translated | undefined {
    const known = this.#regions.get(pc);
    if (known) return known;
    const visits = (this.#visits.get(pc) ?? 0) + 1;
    this.#visits.set(pc, visits);
    return visits < hot ? undefined : this.#translate(pc);
  }

  #translate(pc: number): Translated {
    if (this.#regions.size >= maxRegions) this.#forget();
    const region = translate(pc, (address) => this.#fetch(address));
    const names = ['R', 'core', 'clock', 'S', 'code', 'u8', 'i8', 'u16', 'i16', 'i32'];
    const made: Translated = region
      ? { needs: region.needs, run: new Function(...names, region.source)(...this.#bound) as Code }
      : { needs: 0, run: undefined };
    for (const address of region?.words ?? []) this.#mark(address - sramStart);
    this.#regions.set(pc, made);
    return made;
  }

  #mark(offset: number): void {
    if (offset < 0 || offset >= sramBytes) return;
    this.#code[offset >> 2] = 1;
    this.#state.codeStart = Math.min(this.#state.codeStart, offset);
    this.#state.codeEnd = Math.max(this.#state.codeEnd, offset + 2);
  }

  #fetch(address: number): number | undefined {
    const { sramView, flashView } = this.#chip;
    if (address >= sramStart && address + 2 <= sramStart + sramBytes)
      return sramView.getUint16(address - sramStart, true);
    if (address >= flashStart && address + 2 <= flashStart + flashView.byteLength)
      return flashView.getUint16(address - flashStart, true);
    return undefined;
  }

  /** The time a peripheral sees is that of the instruction that asks. */
  #slow(address: number, now: number, write: boolean): true {
    this.#clock.cycles = now;
    this.#state.extra = this.#chip.core.cyclesIO(address, write) - 1;
    return true;
  }

  /** Whoever writes into code, the interpreter, a peripheral or slow code: what was made of it is void. */
  #watchWrites(): void {
    const chip = this.#chip;
    for (const name of ['writeUint32', 'writeUint16', 'writeUint8'] as const) {
      const write = chip[name].bind(chip);
      chip[name] = (address, value) => {
        const offset = (address >>> 0) - sramStart;
        const inCode = offset >= 0 && offset < sramBytes ? this.#code[offset >> 2] === 1 : address >>> 28 === 1;
        if (inCode) this.#forget();
        write(address, value);
      };
    }
  }

  #forget(): void {
    this.#regions.clear();
    this.#visits.clear();
    this.#code.fill(0);
    this.#state.codeStart = sramBytes;
    this.#state.codeEnd = 0;
  }
}
