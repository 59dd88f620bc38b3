import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openBrowser } from '../support/browser.js';
import { describeWithBrowser } from '../support/describe-with-browser.js';
import { example, startLab, type TestLab } from '../support/lab.js';

/** The whole job from the page, on an empty lab: a device, a model, recipes, start, the variant to take home. */
describeWithBrowser('the main job on the page', () => {
  let lab: TestLab;
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  beforeAll(async () => {
    lab = await startLab();
    browser = await openBrowser();
    await browser.page.goto(lab.signInUrl);
    await browser.page.waitForSelector('[data-testid="connection-pill"]');
  }, 90_000);
  afterAll(async () => {
    await browser.close();
    await lab.stop();
  });

  it('[DASH-25] adds a device: the line to paste, and it turns up by itself', async () => {
    const { page } = browser;
    await page.getByRole('button', { name: 'Add a device' }).first().click();
    const line = await page.locator('[data-testid="join-command"]').textContent({ timeout: 15_000 });
    expect(line).toContain(`${lab.url}/agent.tgz`);
    const token = /--token (hlt_join_\w+\.[0-9a-f]{16})/.exec(line ?? '')![1]!;
    await lab.agent('bench-1', { token, wait: 'none' });
    await page.locator('[data-testid="device-card-bench-1"]').waitFor({ timeout: 30_000 });
    await page.keyboard.press('Escape');
  }, 90_000);

  it('[DASH-26] pushes a model, starts a job, and its frontier fills in', async () => {
    const { page } = browser;
    await page.getByRole('button', { name: 'New job' }).first().click();
    await page
      .locator('[data-testid="model-files"]')
      .setInputFiles([
        example('models/fashion-resnet-micro.onnx'),
        example('data/fashion-calibration.npz'),
        example('data/fashion-evaluation.npz'),
      ]);
    await page.getByRole('checkbox', { name: /^int8-static 8-bit/ }).check();
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.waitForURL(/\/jobs\//, { timeout: 60_000 });
    for (const recipe of ['fp32', 'int8-static']) {
      await page.locator(`[data-testid="frontier-point-${recipe}"]`).waitFor({ timeout: 120_000 });
    }
    await page.locator('[data-testid="job-state"]', { hasText: 'succeeded' }).waitFor({ timeout: 60_000 });
    const job = await lab.api<{ items: { state: string; createdBy?: string }[] }>('GET', '/jobs');
    expect(job.items.map((j) => j.state)).toEqual(['succeeded']);
    expect(browser.errors).toEqual([]);
  }, 240_000);
});
