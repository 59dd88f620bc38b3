import type { Frontier } from '@hilltop/contracts';
import type { Page } from 'playwright-core';
import { openBrowser } from '../../test/support/browser.js';
import { startLab } from '../../test/support/lab.js';
import { type Bench, type BenchOptions, type BenchResult, type Figure, outcomeOf } from './bench.js';
import { quantile } from './statistics.js';
import { syntheticFrontier } from './synthetic-frontier.js';

const stepsWanted = 120;
const stepsQuick = 20;

interface Steps {
  /** Script and layout of each step, ms. */
  readonly workMs: number[];
  /** From the input to the end of the frame that shows it, ms. */
  readonly paintMs: number[];
  readonly marks: number;
}

/** Moves the constraint's slider to and fro as a hand does, one step a frame. */
const slide = (page: Page, steps: number): Promise<Steps> =>
  page.evaluate(async (count) => {
    const slider = document.querySelector<HTMLInputElement>('input[type="range"]');
    if (!slider) throw new Error('no slider on the page');
    const write = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')!.set!;
    const min = Number(slider.min);
    const span = Number(slider.max) - min;
    const frame = (): Promise<void> =>
      new Promise((resolve) => {
        requestAnimationFrame(() => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => resolve();
          port2.postMessage(0);
        });
      });
    const workMs: number[] = [];
    const paintMs: number[] = [];
    for (let i = 0; i < count; i++) {
      const share = 0.5 + 0.4 * Math.sin(i / 7);
      await frame();
      const startedAt = performance.now();
      write.call(slider, String(Math.round(min + span * share)));
      slider.dispatchEvent(new Event('input', { bubbles: true }));
      slider.dispatchEvent(new Event('change', { bubbles: true }));
      // React renders what an input event asked for before the next task; then the layout is forced.
      await Promise.resolve();
      document.querySelector('figure svg')?.getBoundingClientRect();
      workMs.push(performance.now() - startedAt);
      await frame();
      paintMs.push(performance.now() - startedAt);
    }
    return { workMs, paintMs, marks: document.querySelectorAll('figure svg [data-key]').length };
  }, steps);

async function run(options: BenchOptions): Promise<BenchResult> {
  const steps = options.quick ? stepsQuick : stepsWanted;
  const lab = await startLab({ env: { HILLTOP_LOG: 'warn' } });
  const browser = await openBrowser();
  try {
    const model = await lab.pushSample('sample');
    await lab.agent('bench-real');
    const job = await lab.submit({
      model: model.id,
      recipes: ['fp32', 'int8-static'],
      selector: { devices: [(await lab.device('bench-real')).id], labels: {} },
      protocol: 'quick',
      evaluationItems: 64,
    });
    await lab.ended(job.id);
    const like = await lab.frontier('model=sample&x=size_bytes');
    const { page } = browser;
    let shown: Frontier = like;
    await page.route('**/api/v1/frontier?*', (route) => route.fulfill({ json: shown }));
    await page.addInitScript((token) => {
      if (location.protocol.startsWith('http')) localStorage.setItem('hilltop.token', token);
    }, lab.token);
    const results = new Map<number, Steps>();
    for (const count of [100, 1000, 10_000]) {
      shown = syntheticFrontier(count, like);
      await page.goto(`${lab.url}/models/sample?x=size_bytes&where=memory_peak_bytes<1MB`);
      await page.locator('figure svg [data-key]').first().waitFor({ state: 'attached', timeout: 60_000 });
      await page.locator('input[type="range"]').first().waitFor();
      await page.waitForTimeout(500);
      await slide(page, 10);
      results.set(count, await slide(page, steps));
      options.log(`${count} points: ${results.get(count)!.marks} marks`);
    }
    return judge(results, browser.errors);
  } finally {
    await browser.close();
    await lab.stop();
  }
}

function judge(results: ReadonlyMap<number, Steps>, errors: readonly string[]): BenchResult {
  const figures = [...results].flatMap(([count, { workMs, paintMs, marks }]): Figure[] => [
    {
      what: `${count} points: a step, script and layout, p95`,
      value: quantile(workMs, 0.95),
      unit: 'ms',
      n: workMs.length,
      ...(count === 1000 && { bound: { op: '<=' as const, value: 16 } }),
    },
    { what: `${count} points: p50`, value: quantile(workMs, 0.5), unit: 'ms' },
    { what: `${count} points: input to the end of its frame, p95`, value: quantile(paintMs, 0.95), unit: 'ms' },
    { what: `${count} points: marks drawn`, value: marks, unit: '' },
  ]);
  return {
    outcome: outcomeOf(figures),
    figures,
    raw: Object.fromEntries(results),
    notes: [
      "the model's screen as it is, headless Chromium without a GPU; the lab's answer for the frontier is replaced by made-up points (bench/src/synthetic-frontier.ts); each step moves the slider of a memory limit, which greys points and writes the address",
      'script and layout: from the input event until React has rendered and the chart was laid out; without raster',
      ...errors.map((e) => `error of the page: ${e}`),
    ],
  };
}

export const slider: Bench = { name: 'slider', title: 'A step of a constraint slider', run };
