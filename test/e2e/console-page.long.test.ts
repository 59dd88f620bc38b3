import type { ConsoleDocument, Device, Reservation, TokenCreated, User } from '@hilltop/contracts';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openBrowser } from '../support/browser.js';
import { describeWithBrowser } from '../support/describe-with-browser.js';
import { startLab, type TestLab } from '../support/lab.js';

type Browser = Awaited<ReturnType<typeof openBrowser>>;
const wait = { timeout: 15_000 };

/** Two people at one board: an emulated Pico with the firmware that ships, which answers what is typed. */
describeWithBrowser('a shared console', () => {
  let lab: TestLab;
  let owner: Browser;
  let mira: Browser;
  let board: Device;

  beforeAll(async () => {
    lab = await startLab();
    [owner, mira] = await Promise.all([
      openBrowser(),
      openBrowser(),
      lab.agent('bench', { args: ['--emulate', 'pico'] }),
    ]);
    board = await lab.device('emulated-pico');
    await owner.page.goto(lab.signInUrl);
    await owner.page.waitForSelector('[data-testid="connection-pill"]');
    const user = await lab.api<User>('POST', '/users', { name: 'Mira Berg', role: 'operator' });
    const { secret } = await lab.api<TokenCreated>('POST', '/tokens', { kind: 'usr', userId: user.id });
    await mira.page.goto(lab.url);
    await mira.page.getByLabel('Token or one-time code').fill(secret);
    await mira.page.keyboard.press('Enter');
    await mira.page.waitForSelector('[data-testid="connection-pill"]');
    await Promise.all([owner, mira].map(({ page }) => page.goto(`${lab.url}/devices/${board.id}`)));
  }, 120_000);

  afterAll(async () => {
    await Promise.all([owner.close(), mira.close()]);
    await lab.stop();
  });

  const panel = ({ page }: Browser) => page.locator('[data-panel="console"]');
  const button = (browser: Browser, name: string | RegExp) => panel(browser).getByRole('button', { name });
  const input = (browser: Browser) => panel(browser).getByLabel('Line to type');
  const enter = async (browser: Browser, line: string): Promise<void> => {
    await input(browser).fill(line);
    await input(browser).press('Enter');
  };
  const typed = (browser: Browser, by: string, line: string) =>
    panel(browser).locator(`[data-typed-by="${by}"]`, { hasText: line });

  it('[CONS-15] one types, both read it with the author; the lease goes over, and with it the keyboard', async () => {
    await button(owner, 'Reserve 30 min').click();
    await panel(owner).getByText('You have the keyboard').waitFor(wait);
    await panel(mira).getByText('admin has the keyboard').first().waitFor(wait);
    await panel(mira).getByText('2 watching').waitFor(wait);
    await enter(owner, 'name%');
    await typed(mira, 'admin', 'name%').waitFor(wait);
    await panel(mira).getByText('m-name-dut-[hilltop-pico]').waitFor(wait);
    // The line that is begun stays when the lock closes.
    await input(owner).fill('profile');
    const { items } = await lab.api<{ items: Reservation[] }>('GET', '/leases');
    await lab.api('POST', `/leases/${items[0]!.id}/handover`, { revision: items[0]!.revision, to: 'Mira Berg' });
    await button(owner, 'Ask for the keyboard').waitFor(wait);
    expect([await input(owner).inputValue(), await input(owner).isEditable()]).toEqual(['profile', false]);
    await button(mira, 'Take the keyboard').click();
    await panel(mira).getByText('You have the keyboard').waitFor(wait);
    await enter(mira, 'profile%');
    await typed(owner, 'Mira Berg', 'profile%').waitFor(wait);
    await panel(owner).getByText('m-model-[hilltop]').waitFor(wait);
  }, 90_000);

  it('[CONS-2] the keyboard alone is asked for and given', async () => {
    await button(owner, 'Ask for the keyboard').click();
    await panel(mira).getByText('asks for the keyboard').waitFor(wait);
    await panel(mira).getByRole('button', { name: 'Give', exact: true }).click();
    await panel(owner).getByText('You have the keyboard').waitFor(wait);
    expect(await input(owner).inputValue()).toBe('profile');
    await enter(owner, 'timestamp%');
    await typed(mira, 'admin', 'timestamp%').waitFor(wait);
  }, 60_000);

  it('[CONS-8] what is typed after a reset and before the board is back is not lost', async () => {
    await button(owner, 'Reset board').click();
    await enter(owner, 'help%');
    await typed(mira, 'admin', 'help%').waitFor(wait);
    await panel(mira).getByText('on its way').first().waitFor({ state: 'detached', timeout: 30_000 });
    const { lines } = await lab.api<ConsoleDocument>('GET', `/devices/${board.id}/console`);
    const last = lines.filter(({ kind }) => kind === 'in').slice(-2);
    expect(last.map(({ key, text, outcome }) => [key ?? text, outcome])).toEqual([
      ['reset', 'written'],
      ['help%', 'written'],
    ]);
    expect([...owner.errors, ...mira.errors]).toEqual([]);
  }, 60_000);
});
