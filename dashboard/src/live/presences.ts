import { applyPresence, type Presence, PresenceChanges, type PresenceUpdate } from '@hilltop/contracts';
import { createStore } from 'zustand/vanilla';

export interface PresencePorts {
  readonly say: (update: PresenceUpdate) => void;
  /** This screen's own connection, as the lab calls it; undefined while there is none. */
  readonly connection: () => string | undefined;
  readonly setTimer: (callback: () => void, milliseconds: number) => void;
}

export interface PresenceState {
  readonly here: ReadonlyMap<string, Presence>;
  /** This screen among them. */
  readonly own: string | undefined;
  /** The connection whose view this screen mirrors. */
  readonly follows: string | undefined;
}

/** What is said within this time is said once. */
const sayMs = 80;

const nowhere: PresenceUpdate = { page: '/', selection: [], state: 'away' };

/** Who else is here, and what this screen says of itself. Said again whole after each reconnection; nothing is kept. */
export class Presences {
  readonly store = createStore<PresenceState>(() => ({ here: new Map(), own: undefined, follows: undefined }));
  private said: PresenceUpdate = nowhere;
  private isPending = false;

  constructor(private readonly ports: PresencePorts) {}

  /** A new connection: whoever was known belonged to the old one. */
  connected(): void {
    this.store.setState({ here: new Map(), own: this.ports.connection(), follows: undefined });
    this.later();
  }

  received(message: unknown): void {
    const changes = PresenceChanges.safeParse(message);
    // Of another version: who is here is no reason to stop working.
    if (!changes.success) return;
    const here = applyPresence(this.store.getState().here, changes.data);
    const { follows } = this.store.getState();
    this.store.setState({ here, follows: follows !== undefined && here.has(follows) ? follows : undefined });
  }

  /** What this screen shows now. */
  show(step: Partial<Pick<PresenceUpdate, 'page' | 'selection' | 'state'>>): void {
    const next = { ...this.said, ...step };
    if (JSON.stringify(next) === JSON.stringify(this.said)) return;
    this.said = next;
    this.later();
  }

  /** Mirrors somebody's screen from now on; undefined: nobody's. */
  follow(connection: string | undefined): void {
    if (connection === this.store.getState().own || connection === this.store.getState().follows) return;
    this.store.setState({ follows: connection });
    this.later();
  }

  private later(): void {
    if (this.isPending) return;
    this.isPending = true;
    this.ports.setTimer(() => {
      this.isPending = false;
      const { follows } = this.store.getState();
      if (this.ports.connection() !== undefined)
        this.ports.say({ ...this.said, ...(follows !== undefined && { follows }) });
    }, sayMs);
  }
}
