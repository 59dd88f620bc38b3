import type { Device, Reservation, TokenCreated, User } from '@hilltop/contracts';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openBrowser } from '../support/browser.js';
import { describeWithBrowser } from '../support/describe-with-browser.js';
import { startLab, type TestLab } from '../support/lab.js';

type Browser = Awaited<ReturnType<typeof openBrowser>>;
const timeout = 15_000;

/** Two people at the screens of the lab, a device and the reservations. */
describeWithBrowser('the lab on the page', () => {
  let lab: TestLab;
  let owner: Browser;
  let mira: Browser;

  const go = (path: string) => Promise.all([owner, mira].map(({ page }) => page.goto(`${lab.url}${path}`)));
  const card = ({ page }: Browser) => page.getByTestId('device-card-bench-1');
  const leases = async () => (await lab.api<{ items: Reservation[] }>('GET', '/leases?device=bench-1')).items;

  beforeAll(async () => {
    lab = await startLab();
    [owner, mira] = await Promise.all([openBrowser(), openBrowser(), lab.agent('bench-1')]);
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
    await Promise.all([owner?.close(), mira?.close()]);
    await lab?.stop();
  });

  it('[CAL-3] both reserve in the same tick: one holds, the other hears who and their place', async () => {
    await go('/');
    const buttons = [owner, mira].map((each) => card(each).getByRole('button', { name: 'Reserve 30 min: bench-1' }));
    await Promise.all(buttons.map((button) => button.waitFor({ timeout })));
    await Promise.all(buttons.map((button) => button.click()));
    const news = (text: RegExp) =>
      Promise.any([owner, mira].map(({ page }) => page.getByTestId('lease-news').getByText(text).waitFor({ timeout })));
    await Promise.all([news(/^bench-1 is yours\.$/), news(/, you are 1st in queue\.$/)]);
    expect((await leases()).map(({ state }) => state).sort()).toEqual(['held', 'queued']);
    // The same start for what follows, whoever was first.
    for (const each of await leases()) {
      const whose = each.holder.name === 'Mira' ? mira : owner;
      await whose.page.goto(`${lab.url}/devices/bench-1`);
      const leave = whose.page.getByRole('button', { name: /^(Release|Leave the queue)$/ }).first();
      await leave.click({ timeout });
      await leave.waitFor({ state: 'detached', timeout });
    }
  }, 60_000);

  it('[LABP-7] [CAL-5] reserved and extended by key, asked for on any screen, and given', async () => {
    await owner.page.goto(`${lab.url}/devices/bench-1`);
    await owner.page.getByRole('button', { name: 'Reserve 30 min' }).waitFor({ timeout });
    await owner.page.keyboard.press('r');
    await owner.page.getByText('held by you until').first().waitFor({ timeout });
    const [before] = await leases();
    await owner.page.keyboard.press('e');
    await owner.page
      .getByText(/, (59 min|1 h) left/)
      .first()
      .waitFor({ timeout });
    await owner.page.goto(`${lab.url}/models`);
    await mira.page.goto(`${lab.url}/devices/bench-1`);
    await mira.page.getByRole('button', { name: 'Ask for it' }).first().click({ timeout });
    await owner.page.getByTestId('lease-ask').getByRole('button', { name: 'Give' }).click({ timeout });
    await mira.page.getByText('held by you until').first().waitFor({ timeout });
    const [after] = await leases();
    expect([after!.holder.name, Date.parse(after!.until!) - Date.parse(before!.until!)]).toEqual(['Mira', 1_800_000]);
  }, 60_000);

  it('[CAL-1] [CAL-6] the calendar shows the lease; it is handed over to who is here', async () => {
    await go('/reservations');
    await owner.page.getByTestId('calendar-bench-1').getByText('Mira').first().waitFor({ state: 'attached', timeout });
    const row = mira.page.getByTestId('leases-bench-1');
    await row.getByRole('button', { name: 'Hand over…' }).click({ timeout });
    await mira.page.getByLabel(/^admin here/).check({ timeout });
    await mira.page.getByRole('dialog').getByRole('button', { name: 'Hand over' }).click();
    await row.getByText(/held by admin/).waitFor({ timeout });
    expect((await leases()).map(({ holder }) => holder.name)).toEqual(['admin']);
  }, 60_000);

  it('[LABP-1] [LABP-6] [LABP-9] what one takes out with a reason needs the other; its history keeps it', async () => {
    await mira.page.goto(lab.url);
    await owner.page.goto(`${lab.url}/devices/bench-1`);
    await owner.page.getByRole('button', { name: 'Actions' }).click({ timeout });
    await owner.page.getByRole('button', { name: 'Quarantine…' }).click();
    await owner.page.getByLabel('Reason').fill('smells of smoke');
    await owner.page.getByRole('dialog').getByRole('button', { name: 'Quarantine' }).click();
    await mira.page
      .getByTestId('needs-you')
      .getByText(/quarantined: smells of smoke/)
      .waitFor({ timeout });
    const history = owner.page.locator('[data-panel="health-history"]');
    await history.getByText(/smells of smoke/).waitFor({ timeout });
    const device = await lab.api<Device>('GET', '/devices/bench-1');
    expect(device.quarantine).toMatchObject({ reason: 'smells of smoke', kind: 'fault', by: 'admin' });
    await owner.page.getByRole('button', { name: 'Actions' }).click();
    await owner.page.getByRole('button', { name: 'Lift the quarantine' }).click({ timeout });
    await mira.page.getByText('Nothing needs you.').waitFor({ timeout });
  }, 60_000);

  it('[LABP-4] filter and grouping stand in the address', async () => {
    await lab.api('PATCH', '/devices/bench-1', { labels: { site: 'berlin' } });
    await mira.page.goto(`${lab.url}/?filter=-l+site=berlin&group=site`);
    await card(mira).waitFor({ timeout });
    await mira.page.getByRole('heading', { name: 'site=berlin' }).waitFor({ timeout });
    await mira.page.getByLabel('Filter the devices').fill('paris');
    await mira.page.getByText('No device fits the filter.').waitFor({ timeout });
    expect(new URL(mira.page.url()).searchParams.get('filter')).toBe('paris');
    expect([...owner.errors, ...mira.errors]).toEqual([]);
  }, 60_000);
});
