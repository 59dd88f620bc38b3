import { readFirmware } from '../../firmware-images.js';
import { readPicoImage } from '../image.js';
import { PicoMachine } from '../machine.js';

/** What the host saw of one control transfer. */
export type Transfer = { readonly data: number[] } | 'stall';

/** One packet of an endpoint, with the number of its DATA. */
export interface Packet {
  readonly endpoint: number;
  readonly data: 0 | 1;
  readonly bytes: number[];
}

const control = { setup: 8, inBuffer: 0x80, outBuffer: 0x84 };
const bits = { full: 1 << 15, data1: 1 << 13, stall: 1 << 11, available: 1 << 10, count: 0x3ff };
const stallArm = 0x68;
/** Nothing of USB takes so long; SysTick comes round every 134 ms. */
const restNanos = 20e6;

/**
 * The Pico's firmware (that which ships, unless another is given) without a thread, and at its USB a host that asks for what it wants, one transfer at a time, and
 * takes no liberties: rp2040js' own driver lets much pass. Both serial lines can be used.
 */
export class StrictHost {
  readonly machine: PicoMachine;
  /** What the board said by UART0. */
  readonly uart: number[] = [];
  /** What the board sent by other endpoints than 0. */
  readonly packets: Packet[] = [];
  /** Buffers given to the controller whose last bit came with the others, which the datasheet forbids (4.1.2.5.1). */
  rash = 0;
  readonly #toUart: number[] = [];
  #control: Packet[] = [];
  #offered = new Map<number, number>();
  #resets = 0;

  constructor(image = readFirmware('pico')) {
    this.machine = new PicoMachine(readPicoImage(image), {
      onByte: (byte) => this.uart.push(byte),
      hasByte: () => this.#toUart.length > 0,
      takeByte: () => this.#toUart.shift(),
      cyclesPerByte: 1356,
      translate: true,
    });
    const { usb } = this;
    usb.onUSBEnabled = () => {
      this.#resets++;
    };
    usb.onResetReceived = () => undefined;
    usb.onEndpointRead = (endpoint, size) => this.#offered.set(endpoint, size);
    const written = new Map<number, number>();
    const update = usb.DPRAMUpdated.bind(usb);
    usb.DPRAMUpdated = (offset, value) => {
      if (offset >= control.inBuffer && offset < 0x100) {
        const gives = (value & bits.available) !== 0;
        if (gives && written.get(offset) !== (value & ~bits.available)) this.rash++;
        written.set(offset, value);
        if (gives && (offset & 4) === 0) this.#sent((offset - control.inBuffer) / 8, value);
      }
      update(offset, value);
    };
  }

  get usb(): PicoMachine['chip']['usbCtrl'] {
    return this.machine.chip.usbCtrl;
  }

  /** Times the board pulled the line up. */
  get connects(): number {
    return this.#resets;
  }

  /** Room of the buffer the board offers at an endpoint for OUT; undefined: it says NAK. */
  offered(endpoint: number): number | undefined {
    return this.#offered.get(endpoint);
  }

  /** Lets the board run until nothing happens any more. */
  settle(): void {
    for (let rounds = 0; rounds < 200; rounds++) {
      this.machine.run(1_000_000);
      if (!this.machine.asleep || this.#toUart.length > 0) continue;
      if (restNanos < (this.machine.wakesInNanos ?? Number.POSITIVE_INFINITY)) return;
      this.machine.skipToAlarm();
    }
    throw new Error('the board does not come to rest');
  }

  /** Ten milliseconds of bus reset. */
  reset(): void {
    this.#offered.clear();
    this.usb.resetDevice();
    this.settle();
  }

  /** One control transfer, all its stages. `data`: of a transfer to the board. */
  request(setup: readonly number[], data: readonly number[] = []): Transfer {
    this.#control = [];
    this.#offered.delete(0);
    // The controller does so when a SETUP arrives.
    this.usb.writeUint32(stallArm, 0);
    this.usb.sendSetupPacket(Uint8Array.from(setup));
    this.settle();
    const toHost = (setup[0]! & 0x80) !== 0;
    if (!toHost && data.length > 0) {
      if (this.#stalled(control.outBuffer)) return 'stall';
      this.#give(0, data, 'the board takes no data');
    } else if (this.#stalled(control.inBuffer)) return 'stall';
    // Data stages begin with DATA1 and alternate; the status stage is an empty DATA1 (USB 2.0, 8.5.3).
    for (const [i, packet] of this.#control.entries())
      if (packet.data !== (i + 1) % 2) throw new Error(`packet ${i} of the transfer is a DATA${packet.data}`);
    if (toHost) {
      this.#give(0, [], 'the board takes no status');
      return { data: this.#control.flatMap(({ bytes }) => bytes) };
    }
    if (this.#control.length !== 1 || this.#control[0]!.bytes.length > 0) throw new Error('the board does not confirm');
    return { data: [] };
  }

  /** Bytes to the board's serial function; throws where it would have to wait. */
  write(bytes: readonly number[]): void {
    for (let at = 0; at < bytes.length; at += 64) this.#give(2, bytes.slice(at, at + 64), 'the board says NAK');
  }

  /** Bytes on their way to UART0. */
  begin(bytes: readonly number[]): void {
    this.#toUart.push(...bytes);
  }

  /** Bytes to UART0, and what the board does about them. */
  writeUart(bytes: readonly number[]): void {
    this.begin(bytes);
    this.settle();
  }

  /** Sets the board up as a driver does: address 1, configuration 1. */
  enumerate(): void {
    this.settle();
    this.reset();
    this.request([0x00, 5, 1, 0, 0, 0, 0, 0]);
    this.request([0x00, 9, 1, 0, 0, 0, 0, 0]);
  }

  #give(endpoint: number, bytes: readonly number[], otherwise: string): void {
    const room = this.#offered.get(endpoint);
    if (room === undefined || room < bytes.length) throw new Error(otherwise);
    this.#offered.delete(endpoint);
    this.usb.endpointReadDone(endpoint, Uint8Array.from(bytes), 0);
    this.settle();
  }

  #stalled(buffer: number): boolean {
    const armed = this.usb.readUint32(stallArm) & (buffer === control.inBuffer ? 1 : 2);
    return armed !== 0 && (this.machine.chip.usbDPRAMView.getUint32(buffer, true) & bits.stall) !== 0;
  }

  #sent(endpoint: number, value: number): void {
    const { usbDPRAM, usbDPRAMView } = this.machine.chip;
    const at = endpoint === 0 ? 0x100 : usbDPRAMView.getUint32(8 * endpoint, true) & 0xffc0;
    const packet: Packet = {
      endpoint,
      data: value & bits.data1 ? 1 : 0,
      bytes: [...usbDPRAM.subarray(at, at + (value & bits.count))],
    };
    if ((value & bits.full) === 0) throw new Error(`endpoint ${endpoint} gives an empty buffer to be sent`);
    if (endpoint === 0) this.#control.push(packet);
    else this.packets.push(packet);
  }
}
