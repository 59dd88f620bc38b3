import type { PicoImage } from './image.js';
import type { BoardOptions } from './options.js';

/** What the thread is started with. */
export interface ThreadData {
  readonly image: PicoImage;
  readonly options: BoardOptions;
}

/** To the thread. Each is numbered, and answered or counted, so that the other side knows what is still under way. */
export type ToThread = { readonly id: number } & (
  | { readonly kind: 'write'; readonly bytes: Uint8Array }
  | { readonly kind: 'pause' | 'resume' | 'reset' | 'hang' | 'facts' }
);

/**
 * - `running`: the program computes
 * - `idle`: it sleeps until a byte comes or its own alarm goes off
 * - `paused`: held by the host; no time goes by
 * - `hung`: it stopped, by a planned fault or a fault of its own (`reason`), and loses what is sent to it; a reset brings it back
 */
export type BoardState = 'running' | 'idle' | 'paused' | 'hung';

/** What is known of an emulated board. */
export interface BoardFacts {
  readonly state: BoardState;
  /** Why it hangs. */
  readonly reason?: string;
  /** Of the processor since power-on, those slept through included. */
  readonly cycles: number;
  /** What the program set its processor to. */
  readonly hertz: number;
  /** Time the thread spent emulating, on the wall. */
  readonly busyMs: number;
  /** Cycles emulated in that time, sleep not counted. */
  readonly busyCycles: number;
  /** Times the program restarted itself. */
  readonly resets: number;
  /** Over the line, lost ones included. */
  readonly bytesToBoard: number;
  readonly bytesToHost: number;
}

export type FromThread =
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  /** The bytes are in the board, or so few are left that more may come. */
  | { readonly kind: 'done'; readonly id: number; readonly facts?: BoardFacts }
  /** `seen`: number of the last message from the host that this state takes into account. */
  | { readonly kind: 'state'; readonly state: BoardState; readonly seen: number; readonly reason?: string }
  /** The board left the bus, as one on USB does that starts anew; it has its power. */
  | { readonly kind: 'detached' }
  | { readonly kind: 'unplugged' };
