import type { Run } from '@hilltop/contracts';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { describeWithBrowser } from '../support/describe-with-browser.js';
import { judgeRuns, measuring } from '../support/judge-runs.js';
import { startLab, type TestLab } from '../support/lab.js';
import { newPerson, type Screen, signIn } from '../support/sign-in.js';

const soon = { timeout: 30_000 };

const pill = (page: Page, text: string): Promise<unknown> =>
  page.waitForFunction(
    (wanted) => new RegExp(wanted).test(document.querySelector('[data-testid="connection-pill"]')?.textContent ?? ''),
    text,
    soon,
  );

/** What the screen says, without what depends on the second it is read in or on who reads it. */
const said = (page: Page): Promise<string[]> =>
  page
    .locator('main')
    .locator('table, dl')
    .allInnerTexts()
    .then((texts) => texts.map((text) => text.replace(/\d+ ?(s|min|h) ago|just now/g, 'ago')));

/** The coordinator is killed while a run measures, with two people watching it. */
describeWithBrowser('a restart in the middle of a run', () => {
  let lab: TestLab;
  let owner: Screen;
  let mira: Screen;

  beforeAll(async () => {
    lab = await startLab();
    await lab.pushSample('sample');
    await lab.agent('bench-1');
    [owner, mira] = await Promise.all([signIn(lab, lab.token), newPerson(lab, 'Mira Berg')]);
  }, 180_000);
  afterAll(async () => {
    await Promise.all([owner.close(), mira.close()]);
    await lab.stop();
  });

  it('[MANY-6] says so, comes back by itself with every point once, and both screens show what the lab says', async () => {
    const pages = [owner.page, mira.page];
    const { id } = await lab.submit({ model: 'sample', recipes: ['int8-static'], protocol: 'standard', repeats: 0 });
    const run = await measuring(lab, id);
    await Promise.all(pages.map((page) => page.goto(`${lab.url}/runs/${run.id}`)));
    await Promise.all(pages.map((page) => page.waitForSelector('h1', soon)));
    await Promise.all(pages.map((page) => pill(page, 'live')));
    await Promise.all(pages.map((page) => page.evaluate(() => Object.assign(window, { stillHere: true }))));

    await lab.server.kill();
    await Promise.all(pages.map((page) => pill(page, 'reconnecting|offline')));
    // What was there stays, and says how old it is.
    for (const page of pages) {
      await page
        .getByText(/as of \d\d:\d\d/i)
        .first()
        .waitFor(soon);
      expect(await page.locator('h1').count()).toBe(1);
    }

    await lab.start();
    await Promise.all(pages.map((page) => pill(page, 'live')));
    const job = await lab.ended(id, 180_000);
    expect(job.state).toBe('succeeded');
    // Every block once, in the observations and in the truth of the agent.
    const [measured] = await judgeRuns(lab, id, 1);
    expect(measured!.metrics.latency_p50_ms!.n).toBe(measured!.protocol.blocks);

    for (const page of pages) {
      await page.getByText('succeeded').first().waitFor(soon);
      expect(await page.evaluate(() => 'stillHere' in window)).toBe(true);
    }
    await expectEqual(pages, lab, run.id);
    expect([...owner.errors, ...mira.errors]).toEqual([]);
  }, 300_000);
});

/** Both screens come to say what one says that asks the lab anew. */
async function expectEqual(pages: readonly Page[], lab: TestLab, runId: string): Promise<void> {
  const rest = await lab.api<Run>('GET', `/runs/${runId}`);
  expect(rest.state).toBe('succeeded');
  const fresh = await pages[0]!.context().newPage();
  await fresh.goto(`${lab.url}/runs/${runId}`);
  for (const page of [fresh, ...pages])
    await page.locator('main').getByText('Ended', { exact: true }).first().waitFor(soon);
  await fresh.waitForFunction(() => document.querySelector('[data-skeleton]') === null, undefined, soon);
  for (const page of pages) {
    // Summaries come a moment after the end.
    for (const endAt = performance.now() + soon.timeout; performance.now() < endAt; ) {
      if (JSON.stringify(await said(page)) === JSON.stringify(await said(fresh))) break;
      await page.waitForTimeout(100);
    }
    expect(await said(page)).toEqual(await said(fresh));
  }
  await fresh.close();
}
