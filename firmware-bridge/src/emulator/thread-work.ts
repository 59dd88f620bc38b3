import { realTimer, type Timer } from '../timer.js';
import { Line } from './line.js';
import { PicoMachine } from './machine.js';
import { Pace } from './pace.js';
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
  readonly #timer: Timer;
  readonly #pace: Pace;
  readonly #toBoard: Line;
  readonly #toHost: Line;
  /** Chunks on their way to the board, with the message to answer when they are in. */
  readonly #queue: { readonly id: number; readonly bytes: Uint8Array; at: number; answered: boolean }[] = [];
  #queued = 0;
  #output: number[] = [];
  #paused = false;
  #hung: string | undefined;
  #unplugged = false;
  #detached = false;
  #seen = 0;
  #busyMs = 0;
  #busyCycles = 0;
  #said: string | undefined;
  /** Calls off the slice that is to come. */
  #callOff: (() => void) | undefined;

  constructor({ image, options }: ThreadData, say: (message: FromThread) => void, timer = realTimer) {
    this.#say = say;
    this.#timer = timer;
    this.#pace = new Pace(options.megahertz);
    this.#toBoard = new Line('to-board', options);
    this.#toHost = new Line('to-host', options);
    this.#machine = new PicoMachine(image, {
      line: options.line,
      onByte: (byte) => this.#onByte(byte),
      onReset: () => {
        this.#detached = options.line === 'usb';
      },
      hasByte: () => this.#queued > 0 && this.#hung === undefined && !this.#unplugged,
      takeByte: () => this.#takeByte(),
      cyclesPerByte: options.cyclesPerByte,
      translate: options.translate,
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
    this.#detach();
  }

  /** The port of a board that left the bus is gone, with what was on its way. */
  #detach(): void {
    if (!this.#detached) return;
    this.#detached = false;
    this.#lose();
    this.#say({ kind: 'detached' });
  }

  #state(): BoardState {
    if (this.#paused) return 'paused';
    if (this.#hung !== undefined || this.#machine.halt) return 'hung';
    return this.#machine.asleep ? 'idle' : 'running';
  }

  /** Sets up the next slice; says so when the state changed. */
  #schedule(): void {
    this.#callOff?.();
    this.#callOff = undefined;
    if (this.#unplugged) return;
    const state = this.#state();
    if (state === 'hung') this.#lose();
    const goesOn = state === 'running' || (state === 'idle' && this.#queued > 0 && this.#machine.receives);
    this.#report(goesOn ? 'running' : state);
    const waitMs = this.#pace.waitMs(this.#timer.now());
    if (goesOn && waitMs < 1) {
      const immediate = setImmediate(() => this.#slice());
      this.#callOff = () => clearImmediate(immediate);
    } else if (goesOn) this.#callOff = this.#timer.after(waitMs, () => this.#slice());
    else if (state === 'idle') this.#sleep(waitMs);
  }

  /** Asleep with an alarm set: emulated sleep takes as long as real sleep, from when what ran before it should be over. */
  #sleep(waitMs: number): void {
    const nanos = this.#machine.wakesInNanos;
    if (nanos === undefined) return;
    this.#callOff = this.#timer.after(waitMs + nanos / 1e6, () => {
      this.#machine.skipToAlarm();
      this.#slice();
    });
  }

  #slice(): void {
    const machine = this.#machine;
    const start = this.#timer.now();
    const before = machine.awakeCycles;
    const most = this.#pace.cyclesIn(sliceMs);
    let now = start;
    let cycles = 0;
    do {
      machine.run(Math.min(cyclesPerLook, most - cycles));
      now = this.#timer.now();
      cycles = machine.awakeCycles - before;
    } while (now - start < sliceMs && cycles < most && this.#state() === 'running' && !this.#unplugged);
    this.#busyMs += now - start;
    this.#busyCycles += cycles;
    this.#pace.ran(cycles, start);
    this.#flush();
    this.#acknowledge();
    this.#detach();
    if (this.#unplugged) this.#say({ kind: 'unplugged' });
    this.#schedule();
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
