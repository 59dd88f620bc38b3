import { readFileSync } from 'node:fs';
import { answering } from './helper-process.js';
import { type Counted, countedOf, type Moved, movedIn, type Window } from './witness-rule.js';

const everyMs = 50;
/** Kept for a minute: longer than a run. */
const kept = 60_000 / everyMs;

const counts: Counted[] = [];

function look(): void {
  const atMs = Number(process.hrtime.bigint()) / 1e6;
  counts.push(countedOf(atMs, readFileSync('/proc/pressure/cpu', 'utf8'), readFileSync('/proc/stat', 'utf8')));
  if (counts.length > kept) counts.shift();
}

look();
setInterval(look, everyMs);

// Asked only about times, and only afterwards: what went on in them it does not know.
answering<readonly Window[], Moved[]>(async (windows) => {
  look();
  return windows.map((window) => {
    const moved = movedIn(counts, window);
    if (!moved) throw new Error('the witness was not there');
    return moved;
  });
});
