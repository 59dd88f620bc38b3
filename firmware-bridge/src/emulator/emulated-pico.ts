import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { LabError } from '@hilltop/contracts';
import { SerialPortStream } from '@serialport/stream';
import { EmulatedBinding, EmulatedPort } from './binding.js';
import { readPicoImage } from './image.js';
import { type BoardOptions, boardOptions } from './options.js';
import type { BoardFacts, BoardState, FromThread, ThreadData, ToThread } from './thread-messages.js';

/** Of the thread's own heap; the chip's memories (16 MiB of flash, as rp2040js has it) lie outside. */
const heapMegabytes = 64;

export interface EmulatedPicoOptions extends Partial<Omit<BoardOptions, 'faults'>> {
  /** The program: a raw binary linked in SRAM or flash, or a UF2 file. */
  readonly image: Uint8Array;
  readonly faults?: BoardOptions['faults'];
}

/** The compiled entry: beside this file, or in dist when this file runs from source (tests). */
function entry(): URL {
  const beside = new URL('./thread.js', import.meta.url);
  return existsSync(beside) ? beside : new URL('../../dist/emulator/thread.js', import.meta.url);
}

type Words = ToThread extends infer T ? (T extends ToThread ? Omit<T, 'id'> : never) : never;

/**
 * A Raspberry Pi Pico on a thread of its own, with power from the start. It keeps its power, its memory and its program's state
 * while nobody has its port open, as a board on a cable does; `unplug` takes the power, the next `open` finds a board that
 * starts anew. An idle board costs no processor time and does not keep the process alive; call `close` when done.
 */
export class EmulatedPico {
  /** Never a measurement of real hardware: every report says so. */
  readonly emulated = true;
  readonly emulator = 'rp2040js';
  readonly binding = new EmulatedBinding(this);
  readonly #data: ThreadData;
  #thread: Worker | undefined;
  #port: EmulatedPort | undefined;
  #state: BoardState = 'running';
  #paused = false;
  #closed = false;
  #sent = 0;
  readonly #answers = new Map<number, { resolve(facts?: BoardFacts): void; reject(error: Error): void }>();

  /** Throws `artifact.corrupt` when the image is no program for the chip. */
  constructor({ image, ...options }: EmulatedPicoOptions) {
    this.#data = { image: readPicoImage(image), options: boardOptions.parse(options) };
  }

  /** Opens the board's serial port, switching the board on if it is off. Throws `device.busy` when somebody has it open. */
  async open(path = 'emulator:pico', baudRate = 115_200): Promise<SerialPortStream<EmulatedBinding>> {
    const stream = new SerialPortStream({ binding: this.binding, path, baudRate, autoOpen: false });
    await new Promise<void>((resolve, reject) => stream.open((error) => (error ? reject(error) : resolve())));
    return stream;
  }

  /** Where its port leads to. */
  get line(): BoardOptions['line'] {
    return this.#data.options.line;
  }

  get isOpen(): boolean {
    return this.#port?.isOpen ?? false;
  }

  /** For the binding alone: the end of the cable. */
  attach(port: EmulatedPort): void {
    if (this.#closed) throw new LabError('device.offline', 'the emulated board was switched off for good');
    if (this.isOpen) throw new LabError('device.busy', 'the emulated board is in use: its port is open already');
    this.#port = port;
    this.#switchedOn();
  }

  /** Resolves when the bytes are in the board, all but what a terminal's buffer would hold. Rejects with `device.unplugged`. */
  async write(bytes: Uint8Array): Promise<void> {
    await this.#ask({ kind: 'write', bytes: Uint8Array.from(bytes) });
  }

  /**
   * Stops the board's time; resolves when its thread is at rest. For the time this machine is measured: nothing of the emulator
   * runs until `resume`. Bytes that are written meanwhile wait.
   */
  async pause(): Promise<void> {
    this.#paused = true;
    if (this.#thread) await this.#ask({ kind: 'pause' });
  }

  async resume(): Promise<void> {
    this.#paused = false;
    if (this.#thread) await this.#ask({ kind: 'resume' });
  }

  /** The reset button: the program starts anew, the cable stays in. */
  async reset(): Promise<void> {
    if (this.#thread) await this.#ask({ kind: 'reset' });
    else this.#switchedOn();
  }

  /** The program stops where it is and answers nothing any more; the port stays open. `reset` brings it back. */
  async hang(): Promise<void> {
    await this.#ask({ kind: 'hang' });
  }

  /** Pulls the cable: power and port go at once, an open stream closes with an error that says `disconnected`. */
  async unplug(): Promise<void> {
    const thread = this.#thread;
    this.#switchedOff('the emulated board was unplugged');
    await thread?.terminate();
  }

  /** Emulated time and what else is known. Rejects with `device.offline` while the board has no power. */
  async facts(): Promise<BoardFacts> {
    return (await this.#ask({ kind: 'facts' }))!;
  }

  /** Switches the board off for good; resolves when its thread has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.unplug();
  }

  #switchedOn(): Worker {
    if (this.#thread) return this.#thread;
    const thread = new Worker(entry(), {
      workerData: this.#data,
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
    });
    this.#thread = thread;
    this.#sent = 0;
    this.#state = 'running';
    thread.on('message', (message: FromThread) => thread === this.#thread && this.#take(message));
    thread.on(
      'error',
      (error) => thread === this.#thread && this.#switchedOff(`the emulator failed: ${error.message}`),
    );
    thread.on('exit', () => thread === this.#thread && this.#switchedOff('the emulator ended'));
    // A thread that ends before it answers is told of by its exit.
    if (this.#paused) void this.#ask({ kind: 'pause' }).catch(() => undefined);
    return thread;
  }

  #switchedOff(why: string): void {
    this.#thread = undefined;
    const error = new LabError('device.unplugged', why, { cause: 'infrastructure' });
    for (const { reject } of this.#answers.values()) reject(error);
    this.#answers.clear();
    this.#port?.lost(error);
    this.#port = undefined;
  }

  /** The port goes, the power stays. */
  #detached(why: string): void {
    this.#port?.lost(new LabError('device.unplugged', why, { cause: 'infrastructure' }));
    this.#port = undefined;
  }

  #ask(words: Words): Promise<BoardFacts | undefined> {
    const thread = this.#thread;
    if (!thread)
      return Promise.reject(new LabError('device.offline', 'the emulated board has no power: open its port'));
    const id = ++this.#sent;
    return new Promise((resolve, reject) => {
      this.#answers.set(id, { resolve, reject });
      thread.ref();
      thread.postMessage({ ...words, id });
    });
  }

  #take(message: FromThread): void {
    if (message.kind === 'data') this.#port?.push(message.bytes);
    else if (message.kind === 'unplugged') void this.unplug();
    else if (message.kind === 'detached')
      this.#detached('the emulated board left the bus: it starts anew, open it again');
    else if (message.kind === 'done') {
      this.#answers.get(message.id)?.resolve(message.facts);
      this.#answers.delete(message.id);
    } else if (message.seen === this.#sent) this.#state = message.state;
    // Work keeps the process alive, a board that waits for it does not.
    if (this.#state === 'running' || this.#answers.size > 0) this.#thread?.ref();
    else this.#thread?.unref();
  }
}
