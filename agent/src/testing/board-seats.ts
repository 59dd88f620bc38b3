import { BoardSeat, type BoardSeatOptions } from '../boards/board-seat.js';
import { ConsoleFeed } from '../boards/console-feed.js';
import type { FakeBoard } from './boards.js';

/** A seat of a fake board; impatient, so that nothing in a test waits for seconds. */
export function boardSeat(
  board: FakeBoard,
  over: Partial<BoardSeatOptions> = {},
): { seat: BoardSeat; changes: string[] } {
  const changes: string[] = [];
  const seat = new BoardSeat({
    spec: board.identity.name,
    emulated: false,
    labels: { site: 'test' },
    open: () => board.open(),
    console: new ConsoleFeed({
      send: () => undefined,
      clock: { monotonic: () => 0, wall: () => 0 },
      after: () => () => undefined,
    }),
    onChange: (changed) => {
      const report = changed.report();
      changes.push(report ? (report.health?.state ?? 'here') : 'gone');
    },
    log: { info: () => undefined, warn: () => undefined },
    limits: { probeMs: 200, recoverMs: 600, againMs: 5 },
    ...over,
  });
  return { seat, changes };
}
