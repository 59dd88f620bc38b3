import { type BenchResult, type Figure, outcomeOf } from './bench.js';
import { hasMoved, type Moved, movedAbove } from './witness-rule.js';

/** Of the loaded runs that are to be called disturbed at least, and of the quiet ones at most: 38 and 4 of 40. */
const atLeast = 0.95;
const atMost = 0.1;
/** Where the witness moved in more quiet runs than this, the machine was not quiet enough to say. */
const movedAtMost = 0.5;

/** Another process on the measured core: it wants it for `duty` of each period. */
export interface Load {
  readonly duty: number;
  readonly periodMs: number;
}

export interface Judged {
  readonly load?: Load;
  readonly verdict: string;
  readonly reasons: readonly string[];
  /** What the witness saw in each loop. */
  readonly witness: readonly Moved[];
}

/** Loaded and quiet runs in random order. */
export function planOf(each: number, random: () => number): Array<Load | undefined> {
  const plan: Array<Load | undefined> = [
    ...Array.from({ length: each }, () => ({ duty: 0.2 + 0.8 * random(), periodMs: 10 + 90 * random() })),
    ...Array.from({ length: each }, () => undefined),
  ];
  for (let i = plan.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [plan[i], plan[j]] = [plan[j], plan[i]];
  }
  return plan;
}

/** Pure: what was called what -> figures and outcome. */
export function judge(judged: readonly Judged[], notes: readonly string[]): BenchResult {
  const loaded = judged.filter(({ load }) => load);
  const quiet = judged.filter(({ load }) => !load);
  const moved = quiet.filter(({ witness }) => witness.some(hasMoved));
  const still = quiet.filter(({ witness }) => !witness.some(hasMoved));
  const called = (runs: readonly Judged[]): number => runs.filter(({ verdict }) => verdict !== 'clean').length;
  const figures: Figure[] = [
    {
      what: 'runs beside a competing load called disturbed',
      value: called(loaded),
      unit: '',
      n: loaded.length,
      bound: { op: '>=', value: Math.ceil(atLeast * loaded.length) },
    },
    {
      what: 'quiet runs called disturbed though the witness saw nothing',
      value: called(still),
      unit: '',
      n: quiet.length,
      bound: { op: '<=', value: Math.floor(atMost * quiet.length) },
    },
    { what: 'quiet runs in which the witness moved', value: moved.length, unit: '', n: quiet.length },
    { what: 'of those, called disturbed', value: called(moved), unit: '', n: moved.length },
  ];
  const isQuiet = moved.length <= movedAtMost * quiet.length;
  return {
    outcome: isQuiet ? outcomeOf(figures) : 'inconclusive',
    figures,
    notes: [
      ...notes,
      `the witness, a process of its own, has moved when in a measuring loop some task waited for a core (PSI some) or the host stole more than ${100 * movedAbove} % of the time`,
      isQuiet
        ? `the witness moved in no more than ${100 * movedAtMost} % of the quiet runs`
        : `the witness moved in more than ${100 * movedAtMost} % of the quiet runs: the machine was not quiet enough to say`,
    ],
    raw: judged,
  };
}
