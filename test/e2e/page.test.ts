import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openBrowser } from '../support/browser.js';
import { describeWithBrowser } from '../support/describe-with-browser.js';
import { startLab, type TestLab } from '../support/lab.js';
import { screenFaults } from '../support/screen-faults.js';

describeWithBrowser('the page', () => {
  let lab: TestLab;
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  beforeAll(async () => {
    lab = await startLab();
    browser = await openBrowser();
    await lab.pushSample();
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    await lab.stop();
  });

  const testId = (id: string): string => `[data-testid="${id}"]`;

  it('[DASH-20] the one-time code signs in, once', async () => {
    await browser.page.goto(lab.signInUrl);
    await browser.page.waitForSelector(testId('connection-pill'));
    expect(new URL(browser.page.url()).hash).not.toContain('code');
    const again = await lab.raw('POST', '/api/v1/sessions', {
      token: '',
      body: { code: lab.signInUrl.split('code=')[1] },
    });
    expect(((await again.json()) as { code: string }).code).toBe('auth.code-invalid');
  }, 60_000);

  it('[DASH-21] a device that joins appears by itself', async () => {
    await lab.agent('bench-1');
    await browser.page.waitForSelector(testId('device-card-bench-1'), { timeout: 20_000 });
  }, 90_000);

  it('[DASH-22] the frontier fills in as runs finish, without a reload', async () => {
    const job = await lab.submit({ model: 'sample', recipes: ['fp32', 'int8-static'], protocol: 'quick' });
    await browser.page.goto(`${lab.url}/jobs/${job.id}`);
    await browser.page.waitForSelector(testId('frontier-point-fp32'), { timeout: 90_000 });
    await browser.page.waitForSelector(testId('frontier-point-int8-static'), { timeout: 90_000 });
    await browser.page.waitForFunction(
      (selector) => /succeeded/.test(document.querySelector(selector)?.textContent ?? ''),
      testId('job-state'),
      { timeout: 60_000 },
    );
  }, 180_000);

  it('[VERD-3] the page of a job counts how its runs were judged', async () => {
    await browser.page.waitForFunction(
      (selector) => {
        const counts = document.querySelector(selector)?.textContent?.match(/\d+(?= (clean|disturbed|invalid))/g) ?? [];
        return counts.reduce((sum, n) => sum + Number(n), 0) === 2;
      },
      testId('job-verdicts'),
      { timeout: 20_000 },
    );
  }, 60_000);

  it('[DASH-24] every screen is without accessibility violations, in both themes and on a phone', async () => {
    const { page } = browser;
    const [job] = (await lab.api<{ items: { id: string; modelId: string }[] }>('GET', '/jobs')).items;
    const [run] = await lab.runs(job!.id);
    const screens = [
      '/',
      `/models/${job!.modelId}`,
      `/devices/${run!.deviceId}`,
      `/jobs/${job!.id}`,
      `/runs/${run!.id}`,
      '/sweeps',
      '/reservations',
    ];
    expect(await screenFaults(page, lab.url, screens)).toEqual([]);
  }, 120_000);

  it('[DASH-23] survives a restart of the coordinator without a reload', async () => {
    await browser.page.evaluate(() => Object.assign(window, { stillHere: true }));
    await lab.server.kill();
    await browser.page.waitForFunction(
      (s) => /reconnecting|offline/.test(document.querySelector(s)?.textContent ?? ''),
      testId('connection-pill'),
      { timeout: 30_000 },
    );
    await lab.start();
    await browser.page.waitForFunction(
      (s) => /live/.test(document.querySelector(s)?.textContent ?? ''),
      testId('connection-pill'),
      { timeout: 30_000 },
    );
    expect(await browser.page.evaluate(() => 'stillHere' in window)).toBe(true);
    // And it is really live again: a new job's end reaches the page.
    const job = await lab.submit({ model: 'sample', recipes: ['fp32'], protocol: 'quick' });
    await lab.ended(job.id);
    expect(browser.errors).toEqual([]);
  }, 180_000);
});
