import { type Live, mulberry32, type RunStart } from '@hilltop/contracts';
import type { Page } from 'playwright-core';
import { openBrowser } from '../../test/support/browser.js';
import { startLab, type TestLab } from '../../test/support/lab.js';
import { plain } from '../../test/support/onnx.js';
import { openBarePage } from './bare-page.js';
import { type Bench, type BenchOptions, type BenchResult, type Figure, outcomeOf } from './bench.js';
import { outsideAddress } from './outside-address.js';
import { installPaintProbe, type Painted, type PaintProbe, takePainted } from './paint-probe.js';
import { SimAgent } from './sim-agent.js';
import { quantile } from './statistics.js';

const limitMs = 250;
const secondsWanted = 60;
const secondsQuick = 5;
/** As the agent's own sender: ten times a second. */
const periodMs = 100;
/** Painting settles: the first frames compile and lay out the page. */
const settleMs = 2000;

const probe: PaintProbe = { events: ['live'], drawing: 'canvas' };

/** One live message as the agent sends it while it measures. */
function liveMessage(runId: string, index: number, random: () => number): Live {
  const ms = 1.5 + 0.3 * random();
  return {
    runId,
    sentAtMs: Date.now(),
    phase: 'measuring',
    block: 0,
    blocks: 3,
    fraction: (index % 1000) / 1000,
    buckets: [[index * periodMs, ms * 0.9, ms, ms * 1.4, 60]],
  };
}

/** Sends at the agent's pace; resolves when the time is over. */
function send(seconds: number, each: (index: number) => void): Promise<number> {
  return new Promise((resolve) => {
    let index = 0;
    const timer = setInterval(() => {
      each(index++);
      if (index * periodMs < seconds * 1000) return;
      clearInterval(timer);
      resolve(index);
    }, periodMs);
  });
}

/** The floor: the same messages from here straight to a page that only draws. */
async function bareFloor(page: Page, seconds: number): Promise<Painted[]> {
  const bare = await openBarePage(page);
  const random = mulberry32(3);
  const say = (index: number): void => bare.say('live', liveMessage('run_floor', index, random));
  await send(settleMs / 1000, say);
  await page.waitForTimeout(300);
  await page.evaluate(takePainted);
  await send(seconds, say);
  await page.waitForTimeout(300);
  const painted = await page.evaluate(takePainted);
  bare.close();
  return painted;
}

async function holdRun(lab: TestLab, url: string): Promise<{ agent: SimAgent; start: RunStart }> {
  let begin: (start: RunStart) => void = () => undefined;
  const started = new Promise<RunStart>((resolve) => {
    begin = resolve;
  });
  const agent = await SimAgent.join({
    url,
    token: await lab.joinToken(),
    name: 'bench-paint',
    onStart: (start) => begin(start),
  });
  await agent.connect();
  const pushed = await lab.push('paint', { model: plain() });
  await lab.submit({ model: pushed.id, recipes: ['fp32'], selector: { devices: ['bench-paint'] }, protocol: 'quick' });
  const start = await started;
  const { runId, fence } = start;
  agent.append({ type: 'run.preparing', runId, fence });
  agent.append({
    type: 'run.started',
    runId,
    fence,
    environment: {
      agentVersion: 'simulated',
      node: process.versions.node,
      runtime: { name: 'onnxruntime', version: 'simulated', provider: 'cpu' },
      caps: 'none',
    },
  });
  await agent.below(0);
  return { agent, start };
}

async function run(options: BenchOptions): Promise<BenchResult> {
  const seconds = options.quick ? secondsQuick : secondsWanted;
  const outside = outsideAddress();
  const lab = await startLab({ env: { HILLTOP_LOG: 'warn' }, args: outside ? ['--listen', '0.0.0.0'] : [] });
  const browser = await openBrowser();
  const local = new URL(lab.url);
  local.hostname = '127.0.0.1';
  const { agent, start } = await holdRun(
    lab,
    outside ? local.href.replace('127.0.0.1', outside).replace(/\/$/, '') : lab.url,
  );
  const renewal = setInterval(() => agent.heartbeat(), 5000);
  try {
    const { page } = browser;
    await page.addInitScript(installPaintProbe, probe);
    const floor = await bareFloor(page, Math.min(seconds, 20));
    await page.addInitScript((token) => localStorage.setItem('hilltop.token', token), lab.token);
    await page.goto(`${local.origin}/jobs/${start.jobId}`);
    await page.waitForLoadState('load');
    const random = mulberry32(5);
    let offset = 0;
    const say = (index: number): void => agent.publish('up/live', liveMessage(start.runId, offset + index, random));
    offset += await send(settleMs / 1000, say);
    await page.waitForTimeout(500);
    await page.evaluate(takePainted);
    const sent = await send(seconds, say);
    await page.waitForTimeout(1500);
    const painted = await page.evaluate(takePainted);
    const isQuiet = await page.evaluate(() => document.documentElement.hasAttribute('data-quiet'));
    return judge(sent, painted, floor, isQuiet, browser.errors);
  } finally {
    clearInterval(renewal);
    await agent.close();
    await browser.close();
    await lab.stop();
  }
}

function judge(
  sent: number,
  painted: readonly Painted[],
  floor: readonly Painted[],
  isQuiet: boolean,
  errors: readonly string[],
): BenchResult {
  const all = painted.map((p) => p.paintedAtMs - p.sentAtMs);
  const wire = painted.map((p) => p.arrivedAtMs - p.sentAtMs);
  const bare = floor.map((p) => p.paintedAtMs - p.sentAtMs);
  if (all.length === 0)
    return { outcome: 'missed', figures: [], notes: ['nothing was painted', ...errors], raw: { sent } };
  const figures: Figure[] = [
    {
      what: 'agent send -> painted, p95',
      value: quantile(all, 0.95),
      unit: 'ms',
      n: all.length,
      bound: { op: '<=', value: limitMs },
    },
    { what: 'agent send -> painted, p50', value: quantile(all, 0.5), unit: 'ms' },
    { what: 'agent send -> painted, longest', value: Math.max(...all), unit: 'ms' },
    { what: 'of it: send -> in the browser, p95', value: quantile(wire, 0.95), unit: 'ms' },
    { what: 'bare page, send -> painted, p95', value: quantile(bare, 0.95), unit: 'ms', n: bare.length },
    // Lossy by contract, but on an idle link next to nothing may be lost.
    { what: 'messages painted', value: (100 * all.length) / sent, unit: '%', n: sent, bound: { op: '>=', value: 95 } },
  ];
  return {
    outcome: outcomeOf(figures),
    figures,
    raw: { painted: all, wire, bare },
    notes: [
      "a simulated agent holds a real run and sends `up/live` ten times a second; the job's screen in headless Chromium; painted: end of the animation frame in which the trace's canvas was first drawn after the message came; clocks of one machine, 1 ms",
      isQuiet
        ? 'the page was quiet (drew once a second), because agent and page share an address'
        : 'the agent came from another address than the page, so the page was not quiet',
      ...errors.map((e) => `error of the page: ${e}`),
    ],
  };
}

export const livePaint: Bench = { name: 'live-paint', title: 'Live message of an agent to the painted page', run };
