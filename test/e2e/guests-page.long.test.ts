import type { TokenCreated, User } from '@hilltop/contracts';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openBrowser } from '../support/browser.js';
import { describeWithBrowser } from '../support/describe-with-browser.js';
import { startLab, type TestLab } from '../support/lab.js';

type Browser = Awaited<ReturnType<typeof openBrowser>>;
const waitMs = 15_000;

/** The owner, Mira with a name of her own, and somebody who has but a link. */
describeWithBrowser('guests, mentions and settings', () => {
  let lab: TestLab;
  let owner: Browser;
  let mira: Browser;
  let guest: Browser;
  let link: string;

  beforeAll(async () => {
    lab = await startLab();
    await lab.pushSample();
    [owner, mira, guest] = await Promise.all([openBrowser(), openBrowser(), openBrowser()]);
    await owner.page.goto(lab.signInUrl);
    await owner.page.waitForSelector('[data-testid="connection-pill"]');
    const user = await lab.api<User>('POST', '/users', { name: 'Mira', role: 'operator' });
    const { secret } = await lab.api<TokenCreated>('POST', '/tokens', { kind: 'usr', userId: user.id });
    await mira.page.goto(lab.url);
    await mira.page.getByLabel('Token or one-time code').fill(secret);
    await mira.page.keyboard.press('Enter');
    await mira.page.waitForSelector('[data-testid="connection-pill"]');
  }, 120_000);

  afterAll(async () => {
    await Promise.all([owner.close(), mira.close(), guest.close()]);
    await lab.stop();
  });

  const status = async (method: string, path: string, token: string): Promise<number> =>
    (
      await fetch(`${lab.url}/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(method !== 'GET' && { body: '{}' }),
      })
    ).status;
  const guestToken = (): Promise<string | null> => guest.page.evaluate(() => localStorage.getItem('hilltop.token'));

  it('[GUEST-9] the owner makes a link; whoever opens it is there, without a wall, as a guest', async () => {
    const { page } = owner;
    await page.goto(`${lab.url}/models/sample`);
    await page.getByRole('button', { name: 'You and the theme' }).click();
    await page.getByRole('button', { name: 'Share this page' }).click();
    await page.getByRole('button', { name: 'Make the link' }).click();
    link = (await page.getByTestId('guest-link').textContent({ timeout: waitMs }))!;
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
    await guest.page.goto(link);
    await guest.page.getByText('You are watching as').waitFor({ timeout: waitMs });
    expect(new URL(guest.page.url())).toMatchObject({ pathname: '/models/sample', hash: '' });
    await guest.page.getByRole('heading', { level: 1, name: 'sample' }).waitFor({ timeout: waitMs });
    // Each sees who is here.
    await page.getByRole('button', { name: /: follow Guest 1, guest, here/ }).waitFor({ timeout: waitMs });
    await guest.page.getByRole('button', { name: /: follow admin, admin, here/ }).waitFor({ timeout: waitMs });
  }, 60_000);

  it('[GUEST-9] a guest writes nothing, neither on the page nor by REST', async () => {
    const write = guest.page.getByRole('button', { name: 'New job' });
    expect(await write.getAttribute('aria-disabled')).toBe('true');
    expect(await write.getAttribute('title')).toMatch(/Guest 1; sign in/);
    const token = (await guestToken())!;
    for (const [method, path] of [
      ['POST', '/notes'],
      ['POST', '/jobs'],
      ['POST', '/leases'],
      ['POST', '/invitations'],
      ['GET', '/users'],
      ['GET', '/tokens'],
    ] as const)
      expect([path, await status(method, path, token)]).toEqual([path, 403]);
    expect(await status('GET', '/frontier?model=sample', token)).not.toBe(403);
    await guest.page.goto(link);
    await guest.page.getByText('You are watching as').waitFor({ timeout: waitMs });
    // The same browser stays the same guest.
    expect(await guestToken()).toBe(token);
  }, 60_000);

  it('[SET-5] a mention reaches Mira: badge, toast, list; once looked at it is read', async () => {
    await owner.page.getByLabel('New note').fill('@Mira is this the one?');
    await owner.page.getByRole('button', { name: 'Write' }).click();
    await mira.page.getByTestId('mention-toast').getByText('is this the one?').waitFor({ timeout: waitMs });
    expect(await mira.page.getByTestId('mention-badge').textContent()).toBe('1');
    await mira.page.getByTestId('drawer-button').click();
    const drawer = mira.page.getByRole('complementary', { name: 'People' });
    await drawer.getByText('is this the one?').waitFor({ timeout: waitMs });
    await mira.page.getByTestId('mention-badge').waitFor({ state: 'detached', timeout: waitMs });
    await drawer.getByRole('link', { name: /^model / }).click();
    await mira.page.waitForURL(/\/models\//, { timeout: waitMs });
    await drawer.getByRole('button', { name: 'Notes' }).click();
    await drawer.getByText('is this the one?').waitFor({ timeout: waitMs });
    await drawer.getByRole('button', { name: 'Activity' }).click();
    await drawer.getByText('wrote a note').waitFor({ timeout: waitMs });
    await mira.page.reload();
    await mira.page.getByTestId('drawer-button').waitFor({ timeout: waitMs });
    expect(await mira.page.getByTestId('mention-badge').count()).toBe(0);
  }, 60_000);

  it('[SET-3] a token made in the settings works, and is refused once revoked', async () => {
    const { page } = owner;
    await page.goto(`${lab.url}/settings/tokens`);
    await page.getByLabel('Name').fill('nightly');
    await page.getByRole('button', { name: 'Make the token' }).click();
    const secret = (await page.getByTestId('new-token').textContent({ timeout: waitMs }))!;
    expect(await status('GET', '/devices', secret)).toBe(200);
    await page.getByRole('button', { name: 'Revoke the token nightly' }).click();
    await page.getByRole('button', { name: 'Yes, revoke the token nightly' }).click();
    await page
      .getByRole('row', { name: /nightly/ })
      .getByText('revoked', { exact: true })
      .waitFor({ timeout: waitMs });
    expect(await status('GET', '/devices', secret)).toBe(401);
  }, 60_000);

  it('[SET-4] what only an admin may do is there for others, disabled, and says who can', async () => {
    const { page } = mira;
    for (const [tab, heading] of [
      ['you', 'Settings: You'],
      ['agents', 'Settings: Agents'],
      ['baselines', 'Settings: Baselines and gates'],
      ['system', 'Settings: System'],
      ['people', 'Settings: People'],
    ] as const) {
      await page.goto(`${lab.url}/settings/${tab}`);
      await page.getByRole('heading', { level: 1, name: heading }).waitFor({ timeout: waitMs });
    }
    const remove = page.getByRole('button', { name: 'Remove admin' });
    await remove.waitFor({ timeout: waitMs });
    expect(await remove.getAttribute('title')).toMatch(/admin/);
    expect(await page.getByLabel('Role of admin').isDisabled()).toBe(true);
  }, 60_000);

  it('[GUEST-9] the link is revoked, and its guest is out at once', async () => {
    await owner.page.goto(`${lab.url}/settings/people`);
    await owner.page.getByRole('button', { name: 'Revoke the link to /models/sample' }).click();
    await owner.page.getByRole('button', { name: 'Yes, revoke the link to /models/sample' }).click();
    await guest.page.getByRole('heading', { name: 'Sign in to Hilltop' }).waitFor({ timeout: waitMs });
    await guest.page.goto(link);
    await guest.page.getByText('this link has ended').waitFor({ timeout: waitMs });
    expect([...owner.errors, ...mira.errors, ...guest.errors]).toEqual([]);
  }, 60_000);
});
