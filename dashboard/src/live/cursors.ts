import { type PresenceCursor, PresenceCursors } from '@hilltop/contracts';
import { createStore } from 'zustand/vanilla';

export interface CursorPorts {
  readonly say: (cursor: PresenceCursor | undefined) => void;
  readonly now: () => number;
  readonly setTimer: (callback: () => void, milliseconds: number) => void;
}

/** 15 Hz: a pointer still looks alive, and the lab tells no oftener. */
export const pointMs = 66;

/** Pointers of others by connection, and this screen's own on its way to them: newest only, nothing is queued. */
export class Cursors {
  readonly store = createStore<{ readonly at: ReadonlyMap<string, PresenceCursor> }>(() => ({ at: new Map() }));
  private saidMs = Number.NEGATIVE_INFINITY;
  private said: string | undefined;
  private next: { readonly cursor: PresenceCursor | undefined } | undefined;

  constructor(private readonly ports: CursorPorts) {}

  received(message: unknown): void {
    const moves = PresenceCursors.safeParse(message);
    if (!moves.success) return; // lossy by contract
    const at = new Map(this.store.getState().at);
    for (const { connection, cursor } of moves.data) {
      if (cursor) at.set(connection, cursor);
      else at.delete(connection);
    }
    this.store.setState({ at });
  }

  /** A lost connection: nobody's pointer is known. */
  clear(): void {
    this.said = undefined;
    if (this.store.getState().at.size > 0) this.store.setState({ at: new Map() });
  }

  /** Where this screen's pointer is now, in data; undefined: nowhere that others could see. */
  point(cursor: PresenceCursor | undefined): void {
    const isWaiting = this.next !== undefined;
    this.next = { cursor };
    if (isWaiting) return;
    const wait = this.saidMs + pointMs - this.ports.now();
    if (wait <= 0) this.flush();
    else this.ports.setTimer(() => this.flush(), wait);
  }

  private flush(): void {
    if (!this.next) return;
    const { cursor } = this.next;
    this.next = undefined;
    const text = JSON.stringify(cursor);
    if (text === this.said) return;
    this.said = text;
    this.saidMs = this.ports.now();
    this.ports.say(cursor);
  }
}
