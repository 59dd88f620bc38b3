import { performance } from 'node:perf_hooks';
import { Line } from './line.js';
import { PicoMachine } from './machine.js';
import type { BoardFacts, BoardState, FromThread, ThreadData, ToThread } from './thread-messages.js';

/** Between two looks at messages: short enough for a pause to be at once, long enough to cost nothing. */
const sliceMs = 8;
const cyclesPerLook = 100_000;
/** Bytes that wait inside before the writer has to, as in a kernel's terminal buffer. */
const buffered = 4096;

/** Runs the board inside of the thread: slices of emulation with messages between them; no timer and no work while it sleeps. */
export class ThreadWork {
  readonly #machine: PicoMachine;
  readonly #say: (message: FromThread) => void;
  readonly #options: ThreadData['options'];
  readonly #toBoard: Line;
  readonly #toHost: Line;
  /** Chunks on their way to the board, with the message to answer when they are in. */
  readonly #queue: { readonly id: number; readonly bytes: Uint8Array; at: number; answered: boolean }[] = [];
  #queued = 0;
  #output: number[] = [];
  #paused = false;
  #hung: string | undefined;
  #unplugged = false;
  #seen = 0;
  #busyMs = 0;
  #busyCycles = 0;
  #said: string | undefined;
  /** Calls off the slice that is to come. */
  #callOff: (() => void) | undefined;

  constructor({ image, options }: ThreadData, say: (message: FromThread) => void) {
    this.#options = options;
    this.#say = say;
    this.#toBoard = new Line('to-board', options);
    this.#toHost = new Line('to-host', options);
    this.#machine = new PicoMachine(image, {
      onByte: (byte) => this.#onByte(byte),
      hasByte: () => this.#queued > 0 && this.#hung === undefined && !this.#unplugged,
      takeByte: () => this.#takeByte(),
      cyclesPerByte: options.cyclesPerByte,
    });
    this.#schedule();
  }

  take(message: ToThread): void {
    this.#seen = message.id;
    // A look at it must not set a sleeping board's timers anew.
    if (message.kind === 'facts') this.#say({ kind: 'done', id: message.id, facts: this.#facts() });
    else this.#obey(message);
  }

  #obey(message: Exclude<ToThread, { kind: 'facts' }>): void {
    if (message.kind === 'write') {
      if (message.bytes.length > 0) this.#queue.push({ id: message.id, bytes: message.bytes, at: 0, answered: false });
      else this.#say({ kind: 'done', id: message.id });
      this.#queued += message.bytes.length;
      this.#acknowledge();
    } else {
      if (message.kind === 'pause') this.#paused = true;
      else if (message.kind === 'resume') this.#paused = false;
      else if (message.kind === 'hang') this.#hung = 'it was told to hang';
      else this.#reset();
      this.#say({ kind: 'done', id: message.id });
    }
    this.#schedule();
  }

  #reset(): void {
    this.#machine.reset();
    this.#hung = undefined;
  }

  #state(): BoardState {
    if (this.#paused) return 'paused';
    if (this.#hung !== undefined || this.#machine.halt) return 'hung';
    return this.#machine.asleep ? 'idle' : 'running';
  }

  /** Sets up the next slice; says so when the state changed. */
  #schedule(waitMs = 0): void {
    this.#callOff?.();
    this.#callOff = undefined;
    if (this.#unplugged) return;
    const state = this.#state();
    if (state === 'hung') this.#lose();
    const goesOn = state === 'running' || (state === 'idle' && this.#queued > 0);
    this.#report(goesOn ? 'running' : state);
    if (goesOn && waitMs < 1) {
      const immediate = setImmediate(() => this.#slice());
      this.#callOff = () => clearImmediate(immediate);
    } else if (goesOn) this.#later(waitMs, () => this.#slice());
    else if (state === 'idle') this.#sleep();
  }

  #later(ms: number, task: () => void): void {
    const timer = setTimeout(task, ms);
    this.#callOff = () => clearTimeout(timer);
  }

  /** Asleep with an alarm set: emulated sleep takes as long as real sleep. */
  #sleep(): void {
    const nanos = this.#machine.wakesInNanos;
    if (nanos === undefined) return;
    this.#later(nanos / 1e6, () => {
      this.#machine.skipToAlarm();
      this.#slice();
    });
  }

  #slice(): void {
    const machine = this.#machine;
    const start = performance.now();
    const before = machine.awakeCycles;
    let now = start;
    do {
      machine.run(cyclesPerLook);
      now = performance.now();
    } while (now - start < sliceMs && !machine.halt && !machine.asleep && this.#hung === undefined && !this.#unplugged);
    this.#busyMs += now - start;
    const cycles = machine.awakeCycles - before;
    this.#busyCycles += cycles;
    this.#flush();
    this.#acknowledge();
    if (this.#unplugged) this.#say({ kind: 'unplugged' });
    const { megahertz } = this.#options;
    this.#schedule(megahertz === undefined ? 0 : cycles / (megahertz * 1000) - (now - start));
  }

  #onByte(byte: number): void {
    if (this.#unplugged || this.#hung !== undefined) return;
    const fate = this.#toHost.pass(byte);
    if (fate.byte !== undefined) this.#output.push(fate.byte);
    this.#follow(fate.after);
  }

  #takeByte(): number | undefined {
    const chunk = this.#queue[0]!;
    this.#queued--;
    const fate = this.#toBoard.pass(chunk.bytes[chunk.at++]!);
    if (chunk.at === chunk.bytes.length) {
      this.#finish(chunk);
      this.#queue.shift();
    }
    this.#follow(fate.after);
    return fate.byte;
  }

  #follow(fault: 'unplug' | 'hang' | undefined): void {
    if (!fault) return;
    if (fault === 'hang') this.#hung = 'a planned fault';
    else this.#unplugged = true;
    this.#machine.stop();
  }

  /** Nobody takes what is sent to a board that hangs. */
  #lose(): void {
    for (const chunk of this.#queue.splice(0)) this.#finish(chunk);
    this.#queued = 0;
  }

  /** Answers the writers whose bytes have room. */
  #acknowledge(): void {
    let behind = 0;
    for (const chunk of this.#queue) {
      behind += chunk.bytes.length - chunk.at;
      if (behind > buffered) return;
      this.#finish(chunk);
    }
  }

  #finish(chunk: { readonly id: number; answered: boolean }): void {
    if (chunk.answered) return;
    chunk.answered = true;
    this.#say({ kind: 'done', id: chunk.id });
  }

  #flush(): void {
    if (this.#output.length === 0) return;
    this.#say({ kind: 'data', bytes: Uint8Array.from(this.#output) });
    this.#output = [];
  }

  #report(state: BoardState): void {
    const key = `${state} ${this.#seen}`;
    if (key === this.#said) return;
    this.#said = key;
    const reason = this.#reason();
    this.#say({ kind: 'state', state, seen: this.#seen, ...(reason !== undefined && { reason }) });
  }

  #reason(): string | undefined {
    return this.#hung ?? this.#machine.halt?.message;
  }

  #facts(): BoardFacts {
    const reason = this.#reason();
    return {
      state: this.#state(),
      ...(reason !== undefined && { reason }),
      cycles: this.#machine.cycles,
      hertz: this.#machine.hertz,
      busyMs: this.#busyMs,
      busyCycles: this.#busyCycles,
      resets: this.#machine.resets,
      bytesToBoard: this.#toBoard.bytes,
      bytesToHost: this.#toHost.bytes,
    };
  }
}
