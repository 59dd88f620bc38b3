import type { SerialPortStream } from '@serialport/stream';
import type { EmulatedPico } from './emulated-pico.js';

// @serialport/bindings-interface has no types that an ES module can see: the stream asks for the same shape of what it is given.
type OpenOptions = Parameters<ConstructorParameters<typeof SerialPortStream>[0]['binding']['open']>[0];

/** What a terminal's buffer in a kernel holds; what nobody reads beyond it is lost, as there. */
const unreadBytes = 1 << 20;

/** Lets `serialport`'s stream open an emulated board as it opens a serial port. */
export class EmulatedBinding {
  constructor(private readonly board: EmulatedPico) {}

  /** Emulated boards are made, not found. */
  async list(): Promise<never[]> {
    return [];
  }

  async open(options: OpenOptions): Promise<EmulatedPort> {
    const port = new EmulatedPort(this.board, options);
    this.board.attach(port);
    return port;
  }
}

/** Host's end of the cable. */
export class EmulatedPort {
  readonly openOptions: Required<OpenOptions>;
  isOpen = true;
  #unread: Uint8Array[] = [];
  #size = 0;
  #reader: { resolve(): void; reject(error: Error): void } | undefined;
  #giveUpWriting: (() => void) | undefined;
  #lost: Error | undefined;

  constructor(
    private readonly board: EmulatedPico,
    options: OpenOptions,
  ) {
    this.openOptions = {
      dataBits: 8,
      lock: true,
      stopBits: 1,
      parity: 'none',
      rtscts: false,
      xon: false,
      xoff: false,
      xany: false,
      hupcl: true,
      ...options,
    };
  }

  /** For the board: bytes came out of it. */
  push(bytes: Uint8Array): void {
    if (!this.isOpen || this.#size + bytes.length > unreadBytes) return;
    this.#unread.push(bytes);
    this.#size += bytes.length;
    this.#settle((reader) => reader.resolve());
  }

  /** For the board: the cable was pulled. What is read from now on fails with an error that is not `canceled`: a lost port. */
  lost(error: Error): void {
    this.#lost = error;
    this.#settle((reader) => reader.reject(error));
  }

  async read(buffer: Buffer, offset: number, length: number): Promise<{ buffer: Buffer; bytesRead: number }> {
    if (!this.isOpen) throw canceled();
    if (this.#size === 0) {
      if (this.#lost) throw this.#lost;
      await new Promise<void>((resolve, reject) => {
        this.#reader = { resolve, reject };
      });
    }
    let bytesRead = 0;
    while (bytesRead < length && this.#unread.length > 0) {
      const chunk = this.#unread[0]!;
      const part = chunk.subarray(0, length - bytesRead);
      buffer.set(part, offset + bytesRead);
      bytesRead += part.length;
      if (part.length === chunk.length) this.#unread.shift();
      else this.#unread[0] = chunk.subarray(part.length);
    }
    this.#size -= bytesRead;
    return { buffer, bytesRead };
  }

  async write(buffer: Buffer): Promise<void> {
    if (!this.isOpen) throw canceled();
    if (this.#lost) throw this.#lost;
    await new Promise<void>((resolve, reject) => {
      this.#giveUpWriting = () => reject(canceled());
      this.board.write(buffer).then(resolve, reject);
    });
  }

  async close(): Promise<void> {
    this.isOpen = false;
    this.#unread = [];
    this.#size = 0;
    this.#settle((reader) => reader.reject(canceled()));
    this.#giveUpWriting?.();
  }

  async flush(): Promise<void> {
    this.#unread = [];
    this.#size = 0;
  }

  /** A write resolves when the board has it: nothing is left to wait for. */
  async drain(): Promise<void> {}

  /** The emulated line has one speed, whatever both sides set. */
  async update({ baudRate }: { baudRate: number }): Promise<void> {
    this.openOptions.baudRate = baudRate;
  }

  async getBaudRate(): Promise<{ baudRate: number }> {
    return { baudRate: this.openOptions.baudRate };
  }

  /** Three wires: transmit, receive, ground. */
  async set(): Promise<void> {}

  async get(): Promise<{ cts: boolean; dsr: boolean; dcd: boolean }> {
    return { cts: false, dsr: false, dcd: false };
  }

  #settle(how: (reader: { resolve(): void; reject(error: Error): void }) => void): void {
    const reader = this.#reader;
    this.#reader = undefined;
    if (reader) how(reader);
  }
}

function canceled(): Error {
  return Object.assign(new Error('the port was closed'), { canceled: true });
}
