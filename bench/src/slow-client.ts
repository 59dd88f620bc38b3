import { startLab } from '../../test/support/lab.js';
import { type Bench, type BenchOptions, type BenchResult, type Figure, outcomeOf } from './bench.js';
import { BenchChild } from './child-protocol.js';
import { holdRuns } from './hold-runs.js';
import { memoryOf } from './process-memory.js';
import { bootstrapRatio, quantile } from './statistics.js';

const devices = 100;
const watchers = 10;
const rateHz = 5;
const pairsWanted = 8;
const pairsQuick = 1;
const stretchMs = 15_000;
const stretchQuickMs = 4000;
/** What a stretch before has filled is empty again. */
const restMs = 1500;
/** A reader that has more than this share of the messages was not slow. */
const slowShare = 0.7;
/** The lab's memory may move by this much by itself. */
const memoryLimitBytes = 32e6;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** With and without a slow reader by turns, ABBA, in one lab: do the others hear later? */
async function run(options: BenchOptions): Promise<BenchResult> {
  const pairs = options.quick ? pairsQuick : pairsWanted;
  const forMs = options.quick ? stretchQuickMs : stretchMs;
  const lab = await startLab({ env: { HILLTOP_LOG: 'warn' } });
  const children: BenchChild[] = [];
  try {
    children.push(...(await holdRuns(lab, { url: lab.url, devices, rateHz, log: options.log })));
    for (const child of children) await child.ask('speak');
    const clients = BenchChild.start('watch-clients');
    children.push(clients);
    await clients.ask('connect', { url: lab.url, token: lab.token, count: watchers });
    const slow = BenchChild.start('slow-reader');
    children.push(slow);
    const memory = (): number => memoryOf(lab.server.pid)?.resident ?? Number.NaN;
    const stretch = async (): Promise<number[]> => {
      await pause(restMs);
      await clients.ask('take');
      await pause(forMs);
      return clients.ask<number[]>('take');
    };
    const alone: number[][] = [];
    const beside: number[][] = [];
    const before = memory();
    let highest = 0;
    let heard = 0;
    let dropped = 0;
    const withSlow = async (): Promise<void> => {
      await slow.ask('connect', { url: lab.url, token: lab.token });
      beside.push(await stretch());
      highest = Math.max(highest, memory());
      const state = await slow.ask<{ isOpen: boolean; heard: number }>('state');
      heard += state.heard;
      if (!state.isOpen) dropped++;
      await slow.ask('leave');
    };
    for (let pair = 0; pair < pairs; pair++) {
      if (pair % 2 === 1) await withSlow();
      alone.push(await stretch());
      if (pair % 2 === 0) await withSlow();
      options.log(`pair ${pair + 1} of ${pairs}`);
    }
    const p95 = (all: readonly number[]): number => quantile(all, 0.95);
    // One more than measured: clocks have whole milliseconds.
    const ratio = bootstrapRatio(alone.map((a, i) => (p95(beside[i]!) + 1) / (p95(a) + 1)));
    const share = heard / (beside.flat().length / watchers);
    const figures: Figure[] = [
      {
        what: 'others, emit -> heard, p95 without a slow one',
        value: p95(alone.flat()),
        unit: 'ms',
        n: alone.flat().length,
      },
      { what: 'others, p95 beside a slow one', value: p95(beside.flat()), unit: 'ms', n: beside.flat().length },
      { what: 'ratio of the two, p95', ...ratio, unit: '', n: pairs, bound: { op: '<=', value: 1.25 } },
      {
        what: 'messages the others had, with / without',
        value: beside.flat().length / alone.flat().length,
        unit: '',
        bound: { op: '>=', value: 0.95 },
      },
      { what: 'messages the slow one had, of what another had', value: share, unit: '' },
      { what: 'times that it was cut off', value: dropped, unit: '' },
      {
        what: 'memory of the coordinator, highest beside a slow one less before',
        value: highest - before,
        unit: 'B',
        bound: { op: '<=', value: memoryLimitBytes },
      },
    ];
    return {
      // Who hears most of it is not slow, and nothing was tried.
      outcome: share > slowShare ? 'inconclusive' : outcomeOf(figures),
      figures,
      raw: { alone: alone.map(p95), beside: beside.map(p95) },
      notes: [
        `${devices} simulated agents at ${rateHz} Hz, ${watchers} Socket.IO clients that follow the lab, and by turns (ABBA, ${forMs / 1000} s each) one more that reads 64 KiB at most every 4 s, less than a fifth of what is sent`,
        'what a slow screen misses is left out (pulses) or merged to the newest value of each entity (changes, presence); nothing is queued for it',
      ],
    };
  } finally {
    for (const child of children) child.stop();
    await lab.stop();
  }
}

export const slowClient: Bench = { name: 'slow-client', title: 'One slow screen beside others', run };
