import type { Page } from 'playwright-core';
import { openBrowser } from '../../test/support/browser.js';
import { startLab } from '../../test/support/lab.js';
import { type Bench, type BenchOptions, type BenchResult, type Figure, outcomeOf } from './bench.js';
import type { BenchChild } from './child-protocol.js';
import { holdRuns } from './hold-runs.js';
import { outsideAddress } from './outside-address.js';
import { quantile } from './statistics.js';

const traces = 4;
const rateHz = 10;
const secondsWanted = 30;
const secondsQuick = 4;
/** So long the traces grow before anything is counted. */
const fillSeconds = 60;
const fillQuickSeconds = 3;

interface Frames {
  /** Between one frame and the next, ms. */
  readonly gaps: number[];
  /** Frames that blocked the page for more than 50 ms. */
  readonly long: number;
  /** Drawings on a canvas. */
  readonly drawn: number;
}

/** Every frame for so long, as the browser gives them. */
const watchFrames = (page: Page, seconds: number): Promise<Frames> =>
  page.evaluate(
    (ms) =>
      new Promise<Frames>((resolve) => {
        const gaps: number[] = [];
        let long = 0;
        let drawn = 0;
        const observer = new PerformanceObserver((list) => {
          long += list.getEntries().length;
        });
        observer.observe({ type: 'long-animation-frame' });
        const clear = CanvasRenderingContext2D.prototype.clearRect;
        CanvasRenderingContext2D.prototype.clearRect = function (
          this: CanvasRenderingContext2D,
          ...area: Parameters<typeof clear>
        ): void {
          drawn++;
          clear.apply(this, area);
        };
        const startedAt = performance.now();
        let last = startedAt;
        const next = (time: number): void => {
          gaps.push(time - last);
          last = time;
          if (time - startedAt < ms) {
            requestAnimationFrame(next);
            return;
          }
          observer.disconnect();
          CanvasRenderingContext2D.prototype.clearRect = clear;
          resolve({ gaps: gaps.slice(1), long, drawn });
        };
        requestAnimationFrame(next);
      }),
    seconds * 1000,
  );

async function run(options: BenchOptions): Promise<BenchResult> {
  const seconds = options.quick ? secondsQuick : secondsWanted;
  const outside = outsideAddress();
  const lab = await startLab({ env: { HILLTOP_LOG: 'warn' }, args: outside ? ['--listen', '0.0.0.0'] : [] });
  const { port } = new URL(lab.url);
  const local = `http://127.0.0.1:${port}`;
  const browser = await openBrowser();
  const children: BenchChild[] = [];
  try {
    const { page } = browser;
    children.push(
      ...(await holdRuns(lab, {
        url: outside ? `http://${outside}:${port}` : local,
        devices: traces,
        rateHz,
        log: options.log,
      })),
    );
    await page.addInitScript((token) => {
      if (location.protocol.startsWith('http')) localStorage.setItem('hilltop.token', token);
    }, lab.token);
    const { items } = await lab.api<{ items: { id: string }[] }>('GET', '/jobs');
    // An empty page of the same browser: what the machine gives by itself.
    await page.goto('about:blank');
    const bare = await watchFrames(page, Math.min(seconds, 10));
    await page.goto(`${local}/jobs/${items[0]!.id}`);
    for (const child of children) await child.ask('speak');
    await page.waitForFunction((count) => document.querySelectorAll('.uplot').length === count, traces, {
      timeout: 30_000,
    });
    await page.waitForTimeout(1000 * (options.quick ? fillQuickSeconds : fillSeconds));
    const live = await watchFrames(page, seconds);
    return judge(live, bare, browser.errors);
  } finally {
    for (const child of children) child.stop();
    await browser.close();
    await lab.stop();
  }
}

const rate = (gaps: readonly number[]): number => (1000 * gaps.length) / gaps.reduce((sum, gap) => sum + gap, 0);

function judge(live: Frames, bare: Frames, errors: readonly string[]): BenchResult {
  const seconds = live.gaps.reduce((sum, gap) => sum + gap, 0) / 1000;
  const figures: Figure[] = [
    {
      what: 'frames a second',
      value: rate(live.gaps),
      unit: '/s',
      n: live.gaps.length,
      bound: { op: '>=', value: 58 },
    },
    { what: 'an empty page', value: rate(bare.gaps), unit: '/s', n: bare.gaps.length },
    { what: 'ratio to the empty page', value: rate(live.gaps) / rate(bare.gaps), unit: '' },
    { what: 'frame to frame, p95', value: quantile(live.gaps, 0.95), unit: 'ms' },
    { what: 'frames that took more than 50 ms, a minute', value: (60 * live.long) / seconds, unit: '' },
    {
      what: 'drawings of a trace',
      value: live.drawn / seconds,
      unit: '/s',
      bound: { op: '>=', value: traces * rateHz * 0.95 },
    },
  ];
  return {
    outcome: outcomeOf(figures),
    figures,
    raw: { live: live.gaps, bare: bare.gaps },
    notes: [
      `four simulated agents measure at once and send a bucket of latencies ${rateHz} times a second; the job's screen draws four traces of a minute, headless Chromium without a GPU, everything on one machine`,
      ...errors.map((e) => `error of the page: ${e}`),
    ],
  };
}

export const liveTraces: Bench = { name: 'traces', title: 'Four live traces', run };
