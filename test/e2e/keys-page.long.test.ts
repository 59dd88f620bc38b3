import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openBrowser } from '../support/browser.js';
import { describeWithBrowser } from '../support/describe-with-browser.js';
import { startLab, type TestLab } from '../support/lab.js';

/** The page by keyboard alone, and through an absence of the lab. */
describeWithBrowser('keys, palette and connection', () => {
  let lab: TestLab;
  let browser: Awaited<ReturnType<typeof openBrowser>>;

  beforeAll(async () => {
    lab = await startLab();
    await lab.pushSample();
    await lab.agent('bench-1');
    browser = await openBrowser();
    await browser.page.goto(lab.signInUrl);
    await browser.page.locator('[data-testid="connection-pill"][data-state="live"]').waitFor();
    await browser.page.getByRole('link', { name: 'bench-1' }).first().waitFor();
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    await lab.stop();
  });

  it('[PAL-6] goes to a device, and cancels a job after a question', async () => {
    const { page } = browser;
    const field = page.getByRole('combobox', { name: 'What to do, or where to go' });
    await page.keyboard.press('Control+k');
    await field.waitFor();
    await page.keyboard.type('bench');
    await page.getByRole('option', { name: /bench-1/, selected: true }).waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(`${lab.url}/devices/bench-1`);

    const job = await lab.submit({
      model: 'sample',
      recipes: ['fp32'],
      selector: { devices: ['bench-1'], labels: {} },
      protocol: 'strict',
      name: 'long one',
    });
    await page.keyboard.press('Control+k');
    await field.waitFor();
    await page.keyboard.type('>job cancel long');
    await page.getByRole('option', { name: /long one/, selected: true }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Yes' }).waitFor();
    await page.keyboard.press('Enter');
    expect((await lab.ended(job.id)).state).toBe('cancelled');
    await field.waitFor({ state: 'detached' });
  }, 60_000);

  it('[KEY-5] shows the keys of this page, and they work outside of fields only', async () => {
    const { page } = browser;
    await page.keyboard.press('?');
    await page.getByRole('heading', { name: 'Keys of this page' }).waitFor();
    await page.getByText('go to schedules, the nights').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'Keys of this page' }).waitFor({ state: 'detached' });
    await page.keyboard.press('g');
    await page.keyboard.press('m');
    await page.waitForURL(`${lab.url}/models`);
    await page.getByRole('link', { name: 'sample' }).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/models\/.+/);
    const note = page.getByLabel('New note');
    await note.fill('');
    await note.pressSequentially('g l?');
    expect([await note.inputValue(), new URL(page.url()).pathname]).toEqual([
      'g l?',
      expect.stringMatching(/^\/models\/.+/),
    ]);
  }, 60_000);

  it('[LINK-1] while the lab is away: pill, bar, nothing to be changed', async () => {
    const { page } = browser;
    await lab.server.kill();
    await page.locator('[data-testid="connection-pill"][data-state="reconnecting"]').waitFor();
    await page.getByTestId('old-bar').waitFor();
    const newJob = page.getByRole('button', { name: 'New job' }).first();
    expect([await newJob.getAttribute('aria-disabled'), await newJob.getAttribute('title')]).toEqual([
      'true',
      expect.stringContaining('cannot be reached'),
    ]);
    // Long enough away that a return is worth a word.
    await page.getByText(/, ([6-9]|\d\d)\ss old/).waitFor({ timeout: 15_000 });
  }, 60_000);

  it('[LINK-2] when it is back the page goes on with what was typed', async () => {
    const { page } = browser;
    await lab.start();
    await page.locator('[data-testid="connection-pill"][data-state="live"]').waitFor({ timeout: 30_000 });
    await page.getByTestId('old-bar').waitFor({ state: 'detached' });
    // The text of the note was typed before; it is still there, also after a reload.
    await page.reload();
    expect(await page.getByLabel('New note').inputValue()).toBe('g l?');
    expect(browser.errors).toEqual([]);
  }, 60_000);
});
