/** What rp2040js' peripherals ask of a clock; its package does not export the names. */
interface AlarmHandle {
  schedule(nanos: number): void;
  cancel(): void;
}

interface Alarm extends AlarmHandle {
  readonly fire: () => void;
  /** When it is due, in emulated nanoseconds since power-on. */
  due: number;
}

/**
 * Time of an emulated board, counted in cycles of its processor so that the same program always sees the same time: nothing
 * here knows the clock on the wall.
 */
export class CycleClock {
  /** Since power-on, those that were skipped asleep included. */
  cycles = 0;
  /** No alarm fires before the clock reaches this many cycles. */
  nextAlarm = Number.POSITIVE_INFINITY;
  readonly #pending: Alarm[] = [];
  #nanosPerCycle: number;
  #since = { cycles: 0, nanos: 0 };
  /** While an alarm fires, its own time: it may lie a few cycles back. */
  #firing: number | undefined;

  constructor(public frequency = 125e6) {
    this.#nanosPerCycle = 1e9 / frequency;
  }

  get nanos(): number {
    return this.#firing ?? this.#since.nanos + (this.cycles - this.#since.cycles) * this.#nanosPerCycle;
  }

  get micros(): number {
    return this.nanos / 1000;
  }

  /** The program changed the processor's frequency (Hz): time goes on from here at the new rate. */
  setFrequency(frequency: number): void {
    this.#since = { cycles: this.cycles, nanos: this.nanos };
    this.frequency = frequency;
    this.#nanosPerCycle = 1e9 / frequency;
    this.#findNext();
  }

  createAlarm(fire: () => void): AlarmHandle {
    const alarm: Alarm = {
      fire,
      due: 0,
      schedule: (nanos) => {
        this.#remove(alarm);
        alarm.due = this.nanos + nanos;
        const behind = this.#pending.findIndex((other) => other.due >= alarm.due);
        this.#pending.splice(behind < 0 ? this.#pending.length : behind, 0, alarm);
        this.#findNext();
      },
      cancel: () => {
        this.#remove(alarm);
        this.#findNext();
      },
    };
    return alarm;
  }

  /** Lets `cycles` go by and fires what falls due, each at its own time and in order. */
  advance(cycles: number): void {
    this.cycles += cycles;
    if (this.cycles < this.nextAlarm) return;
    const now = this.nanos;
    for (let first = this.#pending[0]; first && first.due <= now; first = this.#pending[0]) {
      this.#pending.shift();
      this.#firing = first.due;
      first.fire();
      this.#firing = undefined;
    }
    this.#findNext();
  }

  /** The chip the alarms belong to is gone. */
  cancelAll(): void {
    this.#pending.length = 0;
    this.#findNext();
  }

  #remove(alarm: Alarm): void {
    const at = this.#pending.indexOf(alarm);
    if (at >= 0) this.#pending.splice(at, 1);
  }

  #findNext(): void {
    const first = this.#pending[0];
    const { cycles, nanos } = this.#since;
    this.nextAlarm = first ? cycles + Math.ceil((first.due - nanos) / this.#nanosPerCycle) : Number.POSITIVE_INFINITY;
  }
}
