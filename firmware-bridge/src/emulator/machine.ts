import { RP2040 } from 'rp2040js';
import { CycleClock } from './clock.js';
import { FastCore } from './fast-core.js';
import type { PicoImage } from './image.js';
import { boot2, flashBytes, flashStart, sramStart } from './image.js';
import { UsbHost } from './usb-host.js';

/** Why a program does not go on by itself. */
export type Halt = { readonly why: 'lockup' | 'breakpoint'; readonly message: string };

export interface MachinePorts {
  /** Which of the board's lines leads here; absent: UART0. */
  readonly line?: 'uart' | 'usb';
  /** A byte the program sent by that line. */
  readonly onByte: (byte: number) => void;
  /** The board starts anew. By USB that is leaving the bus and coming back. */
  readonly onReset?: () => void;
  /** Is a byte for the board on the line? */
  readonly hasByte: () => boolean;
  /** Takes that byte off the line; undefined: it was lost on the way. */
  readonly takeByte: () => number | undefined;
  /** Time on UART0's line of one byte; USB has a speed of its own. */
  readonly cyclesPerByte: number;
  /** False: every instruction by rp2040js' interpreter. */
  readonly translate: boolean;
}

const hardFault = 3;
/** 19 packets of 64 bytes fit into a millisecond of full-speed USB (USB 2.0 table 5-9), at 125 MHz. */
const packetCycles = Math.round(125_000 / 19);
const receiverFull = 1 << 6; // UARTFR.RXFF (RP2040 datasheet 4.2.8)
const aircr = 0xd0c; // Application Interrupt and Reset Control (Armv6-M B3.2.6)
const resetRequest = { key: 0x05fa, bit: 1 << 2 };
const watchdog = 0x40058;
/** Registers of the private peripheral bus that rp2040js lacks read as zero: no debugger, no faults, no trace. */
const privateBus = 0xe00;

/**
 * A Raspberry Pi Pico with one program: pure, so the same program and the same bytes give the same cycles in every run. It has
 * no boot ROM: the processor starts at the program's vectors, as after the second boot stage.
 */
export class PicoMachine {
  halt: Halt | undefined;
  /** Asleep (WFI, WFE) until an interrupt. */
  asleep = false;
  /** Times the program restarted itself. */
  resets = 0;
  readonly clock: CycleClock;
  readonly #image: PicoImage;
  readonly #ports: MachinePorts;
  #chip: RP2040;
  #fast: FastCore | undefined;
  #fault: string | undefined;
  #resetRequested = false;
  /** Host of the board's USB, where that is the line. */
  #usb: UsbHost | undefined;
  #nextByteAt = 0;
  #stopped = false;
  #slept = 0;

  constructor(image: PicoImage, ports: MachinePorts) {
    this.#image = image;
    this.#ports = ports;
    this.clock = new CycleClock();
    this.#chip = this.#boot();
  }

  get cycles(): number {
    return this.clock.cycles;
  }

  /** Cycles per second the program has set its processor to. */
  get hertz(): number {
    return this.clock.frequency;
  }

  get chip(): RP2040 {
    return this.#chip;
  }

  /** Power off and on again, but for the count of cycles: memory is as the image has it. */
  reset(): void {
    this.clock.cancelAll();
    this.halt = undefined;
    this.asleep = false;
    this.#fault = undefined;
    this.#resetRequested = false;
    this.#chip = this.#boot();
    this.#ports.onReset?.();
  }

  /** Lets `run` return after the instruction under way: from inside of a port, when something else is to happen first. */
  stop(): void {
    this.#stopped = true;
  }

  /** Cycles in which the processor computed: those slept through are not in it. */
  get awakeCycles(): number {
    return this.clock.cycles - this.#slept;
  }

  /**
   * Runs at least one step and at most about `budget` cycles; ends early when the program sleeps and no byte is on its way to
   * it, or halts.
   */
  run(budget: number): void {
    const end = this.clock.cycles + budget;
    this.#stopped = false;
    while (this.clock.cycles < end && !this.halt && !this.#stopped) {
      this.#feed();
      if (this.#stopped) return;
      if (this.asleep && !this.#wake()) {
        if (!this.receives || !this.#ports.hasByte()) return;
        // Nothing happens until the next byte is through the line, or an alarm goes off before.
        this.#skipTo(Math.min(this.#nextByteAt, this.clock.nextAlarm));
        continue;
      }
      // A receiver that is full or off is looked at again from time to time.
      const byteDue = this.#ports.hasByte() ? Math.max(this.#nextByteAt, this.clock.cycles + 100) : end;
      this.#execute(Math.min(end, byteDue));
    }
  }

  /** Asleep, and something the clock does will wake it in this many emulated nanoseconds; undefined: only a byte can. */
  get wakesInNanos(): number | undefined {
    const { nextAlarm, cycles, frequency } = this.clock;
    return this.asleep && Number.isFinite(nextAlarm) ? ((nextAlarm - cycles) * 1e9) / frequency : undefined;
  }

  /** Lets time go by up to the alarm that wakes the sleeping program. */
  skipToAlarm(): void {
    if (this.asleep && Number.isFinite(this.clock.nextAlarm)) this.#skipTo(this.clock.nextAlarm);
  }

  #skipTo(cycles: number): void {
    const skipped = Math.max(0, cycles - this.clock.cycles);
    this.#slept += skipped;
    this.clock.advance(skipped);
  }

  #execute(end: number): void {
    const { core } = this.#chip;
    let jumped = true;
    while (this.clock.cycles < end) {
      if (jumped && this.#fast?.run(end)) {
        // What fell due at the end of it, and what its last instruction set off.
        this.clock.advance(0);
      } else {
        const before = core.PC;
        this.clock.advance(core.executeInstruction());
        jumped = core.PC - before > 4 || core.PC < before || core.interruptsUpdated;
        if (core.waiting) {
          // rp2040js takes the interrupt that wakes it even when PRIMASK holds it back, and sleeps through one that is already
          // pending: sleep is ours.
          core.waiting = false;
          this.asleep = true;
          return;
        }
      }
      if (this.#fault !== undefined || this.#resetRequested) {
        this.#interrupted();
        return;
      }
      if (this.halt || this.#stopped) return;
    }
  }

  #interrupted(): void {
    if (this.#resetRequested) {
      this.resets++;
      this.reset();
      return;
    }
    const message = this.#fault!;
    this.#fault = undefined;
    const { core } = this.#chip;
    // A fault inside of the fault handler locks the processor up (Armv6-M B1.5.14).
    if (core.IPSR === hardFault || core.IPSR === 2) this.halt = { why: 'lockup', message };
    else core.exceptionEntry(hardFault);
  }

  #wake(): boolean {
    const { core } = this.#chip;
    const pending = core.pendingInterrupts & core.enabledInterrupts;
    if (!pending && !core.pendingSystick && !core.pendingPendSV && !core.pendingNMI) return false;
    this.asleep = false;
    return true;
  }

  /** Puts what is through the line into the receiver. */
  #feed(): void {
    if (this.clock.cycles < this.#nextByteAt || !this.receives || !this.#ports.hasByte()) return;
    if (this.#usb) {
      this.#feedUsb(this.#usb);
      return;
    }
    this.#nextByteAt = this.clock.cycles + this.#ports.cyclesPerByte;
    const byte = this.#ports.takeByte();
    if (byte !== undefined) this.#chip.uart[0]!.feedByte(byte);
  }

  #feedUsb(host: UsbHost): void {
    this.#nextByteAt = this.clock.cycles + packetCycles;
    const packet: number[] = [];
    for (let left = host.room; left > 0 && this.#ports.hasByte() && !this.#stopped; left--) {
      const byte = this.#ports.takeByte();
      if (byte !== undefined) packet.push(byte);
    }
    if (packet.length === 0) return;
    host.send(packet);
    this.clock.advance(0);
  }

  /** Has the line's receiver room, and has the program switched it on? */
  get receives(): boolean {
    if (this.#usb) return this.#usb.room > 0;
    const uart = this.#chip.uart[0]!;
    return uart.enabled && !(uart.flags & receiverFull);
  }

  #boot(): RP2040 {
    const chip = new RP2040(this.clock);
    this.clock.setFrequency(chip.clkSys);
    for (const { address, bytes } of this.#image.parts) {
      if (address >= sramStart) chip.sram.set(bytes, address - sramStart);
      else chip.flash.set(bytes.subarray(0, flashBytes), address - flashStart);
    }
    if (this.#ports.translate) this.#fast = new FastCore(chip, this.clock);
    chip.logger = {
      debug: () => undefined,
      info: () => undefined,
      warn: (part, message) => this.#complaint(part, message),
      error: (part, message) => this.#complaint(part, message),
    };
    // rp2040js 1.4.1 leaves the vector's Thumb bit, or the stacked address's, in the program counter, where no processor has it.
    const { core } = chip;
    for (const name of ['exceptionEntry', 'exceptionReturn'] as const) {
      const change = core[name].bind(core);
      core[name] = (number: number) => {
        change(number);
        core.PC &= ~1;
      };
    }
    chip.onBreak = (code) => {
      this.halt = { why: 'breakpoint', message: `the program stopped at breakpoint ${code}` };
    };
    chip.addClockListener((hertz) => this.clock.setFrequency(hertz));
    this.#start(chip);
    if (this.#ports.line === 'usb') this.#usb = new UsbHost(chip.usbCtrl, this.#ports.onByte);
    else chip.uart[0]!.onByte = this.#ports.onByte;
    const restart = (): void => {
      this.#resetRequested = true;
    };
    // rp2040js 1.4.1 has the watchdog but leaves what it does to us, and has no AIRCR.
    (chip.peripherals[watchdog] as unknown as { onWatchdogTrigger: () => void }).onWatchdogTrigger = restart;
    const write = chip.ppb.writeUint32.bind(chip.ppb);
    chip.ppb.writeUint32 = (offset, value) => {
      if (offset !== aircr) write(offset, value);
      else if (value >>> 16 === resetRequest.key && value & resetRequest.bit) restart();
    };
    return chip;
  }

  /** As the boot ROM leaves it, or the second boot stage. */
  #start({ core, flash, sram }: RP2040): void {
    if (this.#image.vectors !== undefined) {
      core.VTOR = this.#image.vectors;
      core.reset();
      return;
    }
    sram.set(flash.subarray(0, boot2.bytes), boot2.runsAt - sramStart);
    core.SP = boot2.runsAt;
    core.LR = 0;
    core.PC = boot2.runsAt;
  }

  /** What rp2040js only logs, a processor answers with a HardFault: unaligned words, no memory there, no such instruction. */
  #complaint(part: string, message: string): void {
    if (part !== 'RP2040' && part !== 'CortexM0Core') return;
    const address = /address:? ([0-9a-f]+)/.exec(message)?.[1];
    if (address !== undefined && Number.parseInt(address, 16) >>> 20 === privateBus) return;
    this.#fault ??= message;
    // Translated code looks at this only.
    if (this.#chip) this.#chip.core.interruptsUpdated = true;
  }
}
