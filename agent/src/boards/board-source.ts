import type { Board, TinyDevice } from '@hilltop/firmware-bridge';
import type { ConsoleFeed } from './console-feed.js';

/** The board of one seat, as its runtime sees it: it may go and come back. */
export interface BoardSource {
  readonly emulated: boolean;
  /** Version of its firmware; undefined while it is not there. */
  readonly firmware: () => string | undefined;
  readonly console: Pick<ConsoleFeed, 'begin' | 'end'>;
  /**
   * The board, answering. Throws `device.unplugged` or `device.unhealthy` (infrastructure: nothing was done yet, another attempt
   * may find it well), `plan.unsupported` for one that runs no plans.
   */
  readonly take: (signal: AbortSignal) => Promise<Board>;
  /** The same for one that has its model in its firmware; `plan.unsupported` for one that runs plans. */
  readonly takeTiny: (signal: AbortSignal) => Promise<TinyDevice>;
  /** Something went wrong with it: resets and asks it again. Resolves with what became of it, a sentence for people; never rejects. */
  readonly recover: () => Promise<string>;
  /** It was left in the middle of something: whoever takes it next looks first. */
  readonly leftBusy: () => void;
}
