import { type Pulse, pulseMs } from '@hilltop/contracts';
import type { Page } from 'playwright-core';
import { openBrowser } from '../../test/support/browser.js';
import { startLab, type TestLab } from '../../test/support/lab.js';
import { openBarePage } from './bare-page.js';
import { type Bench, type BenchOptions, type BenchResult, type Figure, outcomeOf } from './bench.js';
import { BenchChild } from './child-protocol.js';
import { cpuTimeMs } from './cpu-time.js';
import { holdRuns } from './hold-runs.js';
import { outsideAddress } from './outside-address.js';
import { installPaintProbe, type Painted, type PaintProbe, takePainted } from './paint-probe.js';
import { quantile } from './statistics.js';

const devices = 100;
const watchers = 50;
const rateHz = 5;
const secondsWanted = 40;
const secondsQuick = 5;
/** The first frames compile and lay out the page. */
const settleMs = 3000;
/** A change of state beside the pulses: a device is renamed so often. */
const renameMs = 400;

const probe: PaintProbe = { events: ['pulse', 'changes'], drawing: 'document' };

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** One stretch of watching: what the page painted while the agents spoke and a device was renamed now and then. */
async function stretch(lab: TestLab, page: Page, seconds: number): Promise<Painted[]> {
  const names = ['bench-000', 'bench-000-x'] as const;
  await page.evaluate(takePainted);
  const endAt = performance.now() + seconds * 1000;
  for (let turn = 0; performance.now() < endAt; turn++) {
    await lab.api('PATCH', `/devices/${names[turn % 2]!}`, { name: names[(turn + 1) % 2]! });
    await pause(renameMs);
    // Back to its first name at the end.
    if (performance.now() >= endAt && turn % 2 === 0)
      await lab.api('PATCH', `/devices/${names[1]}`, { name: names[0] });
  }
  await pause(500);
  return page.evaluate(takePainted);
}

/** The same messages, by size and rate, to the bare page. */
async function bareFloor(page: Page, seconds: number, pulses: readonly Pulse[]): Promise<Painted[]> {
  const bare = await openBarePage(page);
  const say = async (forMs: number): Promise<void> => {
    for (const endAt = performance.now() + forMs; performance.now() < endAt; ) {
      bare.say('pulse', { sentAtMs: Date.now(), pulses });
      await pause(pulseMs);
    }
  };
  await say(settleMs);
  await page.evaluate(takePainted);
  await say(seconds * 1000);
  await pause(300);
  const painted = await page.evaluate(takePainted);
  bare.close();
  return painted;
}

async function run(options: BenchOptions): Promise<BenchResult> {
  const seconds = options.quick ? secondsQuick : secondsWanted;
  const outside = outsideAddress();
  const lab = await startLab({
    env: { HILLTOP_LOG: 'warn' },
    args: outside ? ['--listen', '0.0.0.0'] : [],
  });
  const { port } = new URL(lab.url);
  const local = `http://127.0.0.1:${port}`;
  const browser = await openBrowser();
  const children: BenchChild[] = [];
  try {
    const { page } = browser;
    await page.addInitScript(installPaintProbe, probe);
    children.push(
      ...(await holdRuns(lab, {
        url: outside ? `http://${outside}:${port}` : local,
        devices,
        rateHz,
        log: options.log,
      })),
    );
    // One watcher, a lab at rest but for what is renamed: the first change after a rest goes out at once.
    await page.addInitScript((token) => localStorage.setItem('hilltop.token', token), lab.token);
    await page.goto(`${local}/`);
    await page.getByTestId('device-card-bench-000').waitFor({ timeout: 30_000 });
    await pause(settleMs);
    const one = await stretch(lab, page, seconds);
    // Fifty watchers, a hundred devices.
    const clients = BenchChild.start('watch-clients');
    children.push(clients);
    await clients.ask('connect', { url: local, token: lab.token, count: watchers - 1 });
    for (const child of children) if (child !== clients) await child.ask('speak');
    await pause(settleMs);
    await clients.ask('take');
    const cpuBefore = cpuTimeMs(lab.server.pid);
    const startedAt = performance.now();
    const many = await stretch(lab, page, seconds);
    const cpu = (cpuTimeMs(lab.server.pid) - cpuBefore) / (performance.now() - startedAt);
    const others = await clients.ask<number[]>('take');
    const isQuiet = await page.evaluate(() => document.documentElement.hasAttribute('data-quiet'));
    const { items } = await lab.api<{ items: Pulse[] }>('GET', '/pulses');
    const newest = [...new Map(items.map((pulse) => [pulse.deviceId, pulse])).values()];
    for (const child of children) if (child !== clients) await child.ask('hush');
    await clients.ask('leave');
    const floor = await bareFloor(page, Math.min(seconds, 20), newest);
    return judge({ one, many, others, floor, cpu, isQuiet, errors: browser.errors });
  } finally {
    for (const child of children) child.stop();
    await browser.close();
    await lab.stop();
  }
}

interface Seen {
  readonly one: readonly Painted[];
  readonly many: readonly Painted[];
  readonly others: readonly number[];
  readonly floor: readonly Painted[];
  readonly cpu: number;
  readonly isQuiet: boolean;
  readonly errors: readonly string[];
}

const delay = (painted: readonly Painted[]): number[] => painted.map((p) => p.paintedAtMs - p.sentAtMs);

function judge({ one, many, others, floor, cpu, isQuiet, errors }: Seen): BenchResult {
  if (one.length === 0 || many.length === 0 || floor.length === 0)
    return { outcome: 'missed', figures: [], notes: ['nothing was painted', ...errors], raw: { one, many, floor } };
  const bare = quantile(delay(floor), 0.95);
  const p95 = quantile(delay(many), 0.95);
  const figures: Figure[] = [
    {
      what: 'one watcher: emit -> painted, p95',
      value: quantile(delay(one), 0.95),
      unit: 'ms',
      n: one.length,
      bound: { op: '<=', value: 50 },
    },
    { what: 'one watcher: p50', value: quantile(delay(one), 0.5), unit: 'ms' },
    {
      what: `${watchers} watchers, ${devices} devices at ${rateHz} Hz: emit -> painted, p95`,
      value: p95,
      unit: 'ms',
      n: many.length,
      bound: { op: '<=', value: 100 },
    },
    { what: 'of it: p50', value: quantile(delay(many), 0.5), unit: 'ms' },
    {
      what: 'of it: emit -> in the browser, p95',
      value: quantile(
        many.map((p) => p.arrivedAtMs - p.sentAtMs),
        0.95,
      ),
      unit: 'ms',
    },
    { what: 'the other watchers: emit -> heard, p95', value: quantile(others, 0.95), unit: 'ms', n: others.length },
    { what: 'bare page with the same messages: p95', value: bare, unit: 'ms', n: floor.length },
    { what: 'ratio to the bare page, p95', value: p95 / Math.max(1, bare), unit: '' },
    { what: 'CPU of the coordinator', value: 100 * cpu, unit: '%' },
  ];
  return {
    outcome: outcomeOf(figures),
    figures,
    raw: { one: delay(one), many: delay(many), floor: delay(floor) },
    notes: [
      `${devices} simulated agents hold a run each and speak ${rateHz} times a second; the lab's page in headless Chromium with a card of each, ${watchers - 1} Socket.IO clients beside it, everything on one machine; the lab tells pulses at most every ${pulseMs} ms, the first after a rest at once; a device is renamed every ${renameMs} ms as a change of state`,
      'emit: as the coordinator hands the message to its sockets; painted: end of the animation frame in which the document first changed after the message came; clocks of one machine, 1 ms',
      isQuiet ? 'the page was quiet (drew once a second)' : 'the page was not quiet',
      ...errors.map((e) => `error of the page: ${e}`),
    ],
  };
}

export const emitPaint: Bench = { name: 'emit-paint', title: 'Emit of the coordinator to the painted page', run };
