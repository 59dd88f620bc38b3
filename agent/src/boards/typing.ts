import { type ConsoleDone, type ConsoleTyped, consoleLimits, isLabError, keyBytes } from '@hilltop/contracts';
import type { BoardSeat } from './board-seat.js';

export interface TypingPorts {
  readonly seat: Pick<BoardSeat, 'line' | 'type' | 'resettable' | 'recover'>;
  readonly done: (done: Omit<ConsoleDone, 'deviceId'>) => void;
  /** Monotonic, ms. */
  readonly now: () => number;
  /** Calls once after so many ms. */
  readonly after: (ms: number, run: () => void) => () => void;
}

type Order = Pick<ConsoleTyped, 'order' | 'text' | 'key' | 'ttlMs' | 'sentAtMs'>;
interface Waiting extends Order {
  readonly untilMs: number;
}

/** How often a board that is away is looked for by what waits for it. */
const againMs = 100;
/** Orders that are remembered: a message may come twice. */
const remembered = 512;

/**
 * What is typed to one board, in order and at most once. While the board is attached again after a reset it waits, a bounded number of
 * bytes and a bounded time; everything is answered, nothing is dropped silently, and nothing is written late.
 */
export class Typing {
  readonly #waiting: Waiting[] = [];
  readonly #seen = new Set<number>();
  #bytes = 0;
  #busy = false;
  #cancel: (() => void) | undefined;
  /** Least time between the lab's sending and our receipt, on two clocks that have nothing in common. */
  #quickestMs = Number.POSITIVE_INFINITY;

  constructor(private readonly ports: TypingPorts) {}

  /** A new connection: the lab's clock may be another one. */
  linkUp(): void {
    this.#quickestMs = Number.POSITIVE_INFINITY;
  }

  take(typed: Order): void {
    const { order } = typed;
    if (this.#seen.has(order)) return;
    this.#seen.add(order);
    if (this.#seen.size > remembered) this.#seen.delete(this.#seen.values().next().value!);
    const tookMs = this.ports.now() - typed.sentAtMs;
    this.#quickestMs = Math.min(this.#quickestMs, tookMs);
    const bytes = sizeOf(typed);
    if (tookMs - this.#quickestMs >= typed.ttlMs) this.#refuse(order, 'console.too-late');
    else if (this.#bytes + bytes > consoleLimits.queuedBytes) this.#refuse(order, 'console.full');
    else {
      this.#bytes += bytes;
      this.#waiting.push({ ...typed, untilMs: this.ports.now() + typed.ttlMs });
      void this.#pump();
    }
  }

  async #pump(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    this.#cancel?.();
    this.#cancel = undefined;
    try {
      for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
        const { line } = this.ports.seat;
        if (this.ports.now() >= next.untilMs) this.#refuse(next.order, 'console.too-late');
        else if (line === 'run') this.#refuse(next.order, 'console.measuring');
        else if (line !== 'free') {
          this.#cancel = this.ports.after(Math.min(againMs, next.untilMs - this.ports.now()), () => void this.#pump());
          return;
        } else await this.#carryOut(next);
        this.#waiting.shift();
        this.#bytes -= sizeOf(next);
      }
    } finally {
      this.#busy = false;
    }
  }

  async #carryOut({ order, text, key }: Waiting): Promise<void> {
    const { seat, done } = this.ports;
    try {
      if (key !== 'reset') await seat.type(key === undefined ? (text ?? '') : keyBytes[key]);
      else if (!seat.resettable) return this.#refuse(order, 'device.refused');
      // What is typed meanwhile waits until it answers again.
      else await seat.recover();
      done({ order, outcome: 'written' });
    } catch (error) {
      this.#refuse(order, isLabError(error) ? error.code : 'lab.internal');
    }
  }

  #refuse(order: number, code: string): void {
    this.ports.done({ order, outcome: 'refused', code });
  }
}

const sizeOf = ({ text, key }: Pick<Order, 'text' | 'key'>): number =>
  key === undefined ? Buffer.byteLength(text ?? '') : 1;
