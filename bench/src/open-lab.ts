import type { Page } from 'playwright-core';
import { openBrowser } from '../../test/support/browser.js';
import { startLab } from '../../test/support/lab.js';
import { type Bench, type BenchOptions, type BenchResult, type Figure, outcomeOf } from './bench.js';
import { fillLab } from './full-lab.js';
import { quantile } from './statistics.js';
import { installVitals, type Vitals } from './vitals.js';

const size = { devices: 100, runs: 10_000 } as const;
const sizeQuick = { devices: 10, runs: 300 } as const;
const roundsWanted = 15;
const roundsQuick = 3;

interface Opened {
  /** From the start of the navigation to what people come for, ms. */
  readonly readyMs: number;
  readonly vitals: Vitals;
}

/** A cold page: no cache of the browser, the same server. */
async function open(page: Page, url: string, ready: string): Promise<Opened> {
  const startedAt = performance.now();
  await page.goto(url, { waitUntil: 'commit' });
  await page.locator(ready).first().waitFor({ timeout: 60_000 });
  const readyMs = performance.now() - startedAt;
  await page.waitForTimeout(700);
  // Three things a hand does, for the response times.
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.locator('h1').first().click();
  await page.waitForTimeout(300);
  const vitals = await page.evaluate(() => (window as unknown as { vitals: () => Vitals }).vitals());
  return { readyMs, vitals };
}

async function run(options: BenchOptions): Promise<BenchResult> {
  const { devices, runs } = options.quick ? sizeQuick : size;
  const rounds = options.quick ? roundsQuick : roundsWanted;
  const lab = await startLab({ env: { HILLTOP_LOG: 'warn' } });
  try {
    await fillLab(lab, { devices, runs });
    options.log(`${runs} runs on ${devices + 1} devices`);
    const screens = [
      { name: 'lab', path: '/', ready: '[data-testid="device-card-bench-000"]' },
      { name: 'device', path: '/devices/bench-real', ready: 'figure svg [data-key]' },
      { name: 'model', path: '/models/sample', ready: 'figure svg [data-key]' },
    ] as const;
    const opened = new Map<string, Opened[]>(screens.map(({ name }) => [name, []]));
    const browser = await openBrowser();
    const { page } = browser;
    await page.addInitScript(installVitals);
    await page.addInitScript((token) => {
      if (location.protocol.startsWith('http')) localStorage.setItem('hilltop.token', token);
    }, lab.token);
    const session = await browser.context.newCDPSession(page);
    await session.send('Network.setCacheDisabled', { cacheDisabled: true });
    for (let round = 0; round < rounds; round++)
      for (const { name, path, ready } of screens) {
        opened.get(name)!.push(await open(page, `${lab.url}${path}`, ready));
        await page.goto('about:blank');
      }
    await browser.close();
    return judge(opened, { devices, runs, errors: browser.errors });
  } finally {
    await lab.stop();
  }
}

function judge(
  opened: ReadonlyMap<string, readonly Opened[]>,
  { devices, runs, errors }: { devices: number; runs: number; errors: readonly string[] },
): BenchResult {
  const figures: Figure[] = [];
  for (const [name, all] of opened) {
    const p75 = (of: (each: Opened) => number): number => quantile(all.map(of), 0.75);
    figures.push(
      {
        what: `${name}: opened, p75`,
        value: p75((o) => o.readyMs),
        unit: 'ms',
        n: all.length,
        ...(name === 'lab' && { bound: { op: '<=' as const, value: 1000 } }),
      },
      {
        what: `${name}: LCP, p75`,
        value: p75((o) => o.vitals.lcpMs),
        unit: 'ms',
        ...(name === 'lab' && { bound: { op: '<=' as const, value: 1200 } }),
      },
      {
        what: `${name}: CLS, highest`,
        value: Math.max(...all.map((o) => o.vitals.cls)),
        unit: '',
        bound: { op: '<=', value: 0.02 },
      },
      { what: `${name}: INP, p75`, value: p75((o) => o.vitals.inpMs), unit: 'ms', bound: { op: '<=', value: 100 } },
    );
  }
  return {
    outcome: outcomeOf(figures),
    figures,
    raw: Object.fromEntries(opened),
    notes: [
      `a lab of ${runs} runs on ${devices + 1} devices (three measured runs, copied in the database); headless Chromium on the same machine, its cache off, signed in`,
      'opened: from the start of the navigation to the first card, or the first point of a frontier; LCP and CLS as the browser reports them; INP: the longest of two presses of Tab and a click, in steps of 8 ms',
      ...errors.map((e) => `error of the page: ${e}`),
    ],
  };
}

export const openLab: Bench = { name: 'open-lab', title: 'A lab with 10,000 runs opens', run };
