import type { TokenCreated, User } from '@hilltop/contracts';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openBrowser } from '../support/browser.js';
import { describeWithBrowser } from '../support/describe-with-browser.js';
import { startLab, type TestLab } from '../support/lab.js';

type Browser = Awaited<ReturnType<typeof openBrowser>>;

/** Two people, each with a browser of their own, in one lab. */
describeWithBrowser('people in one lab', () => {
  let lab: TestLab;
  let owner: Browser;
  let mira: Browser;

  beforeAll(async () => {
    lab = await startLab();
    await lab.pushSample();
    [owner, mira] = await Promise.all([openBrowser(), openBrowser()]);
    await owner.page.goto(lab.signInUrl);
    await owner.page.waitForSelector('[data-testid="connection-pill"]');
    const user = await lab.api<User>('POST', '/users', { name: 'Mira Berg', role: 'operator' });
    const { secret } = await lab.api<TokenCreated>('POST', '/tokens', { kind: 'usr', userId: user.id });
    await mira.page.goto(lab.url);
    await mira.page.getByLabel('Token or one-time code').fill(secret);
    await mira.page.keyboard.press('Enter');
    await mira.page.waitForSelector('[data-testid="connection-pill"]');
  }, 120_000);

  afterAll(async () => {
    await Promise.all([owner.close(), mira.close()]);
    await lab.stop();
  });

  const avatarOfMira = () => owner.page.getByRole('button', { name: /: follow Mira Berg, operator, here/ });

  it('[PRES-1] each sees the other, and where', async () => {
    await avatarOfMira().waitFor({ timeout: 15_000 });
    await mira.page.getByRole('link', { name: 'Models' }).click();
    await owner.page.getByRole('button', { name: /: follow Mira Berg.*on \/models$/ }).waitFor({ timeout: 15_000 });
    // Nobody is shown themselves.
    expect(await mira.page.getByRole('button', { name: /Mira Berg/ }).count()).toBe(0);
    const { items } = await lab.api<{ items: { page: string }[] }>('GET', '/presence');
    expect(items.map((each) => each.page).sort()).toEqual(['/', '/models']);
  }, 60_000);

  it('[PRES-8] one who follows sees what the other sees, until they act themselves', async () => {
    await avatarOfMira().click();
    await owner.page.waitForURL(`${lab.url}/models`, { timeout: 15_000 });
    await mira.page.getByRole('link', { name: 'sample' }).first().click();
    await owner.page.waitForURL(/\/models\/.+/, { timeout: 15_000 });
    await owner.page.keyboard.press('Escape');
    await owner.page.getByText('Following').waitFor({ state: 'detached', timeout: 15_000 });
    await mira.page.getByRole('link', { name: 'Lab' }).first().click();
    await owner.page.getByRole('button', { name: /: follow Mira Berg.*on \/$/ }).waitFor({ timeout: 15_000 });
    expect(new URL(owner.page.url()).pathname).toMatch(/^\/models\/.+/);
  }, 60_000);

  it('[DASH-17] a note of one is with the other at once, and settled by them', async () => {
    await Promise.all([owner, mira].map(({ page }) => page.goto(`${lab.url}/models/sample`)));
    await owner.page.getByLabel('New note').fill('@Mira Berg, which one shall we ship?');
    await owner.page.getByRole('button', { name: 'Write' }).click();
    const note = mira.page.locator('[data-testid^="note-"]', { hasText: 'which one shall we ship?' });
    await note.waitFor({ timeout: 15_000 });
    await note.getByRole('button', { name: 'Resolve' }).click();
    await owner.page.getByText('resolved by Mira Berg').waitFor({ timeout: 15_000 });
    // What one person wrote is not another's to delete.
    expect(await note.getByRole('button', { name: 'Delete' }).count()).toBe(0);
  }, 60_000);

  it('[DASH-16] a device is reserved, queued for, asked for and handed over, on both screens', async () => {
    await lab.agent('bench-1');
    await Promise.all([owner, mira].map(({ page }) => page.goto(`${lab.url}/reservations`)));
    const row = ({ page }: Browser) => page.locator('[data-testid="leases-bench-1"]');
    await row(owner).getByRole('button', { name: 'Reserve' }).click();
    await row(mira)
      .getByText(/held by admin until/)
      .waitFor({ timeout: 15_000 });
    await row(mira).getByRole('button', { name: 'Queue' }).click();
    await row(owner)
      .getByRole('list', { name: 'Queue for bench-1' })
      .getByText('Mira Berg')
      .waitFor({ timeout: 15_000 });
    await row(mira).getByRole('button', { name: 'Ask for it' }).click();
    await row(owner).getByText('asks for it').waitFor({ timeout: 15_000 });
    await row(owner).getByRole('button', { name: 'Give' }).click();
    await row(mira)
      .getByText(/held by Mira Berg until/)
      .waitFor({ timeout: 15_000 });
    const { items } = await lab.api<{ items: { did: string }[] }>('GET', '/activities');
    expect(items.slice(0, 4).map(({ did }) => did)).toEqual([
      'answered who asked',
      'asked for a device',
      'reserved a device',
      'reserved a device',
    ]);
  }, 120_000);

  it('[PRES-7] a restart of the lab brings everybody back', async () => {
    await lab.server.kill();
    await lab.start();
    await avatarOfMira().waitFor({ timeout: 30_000 });
    expect([...owner.errors, ...mira.errors]).toEqual([]);
  }, 60_000);
});
