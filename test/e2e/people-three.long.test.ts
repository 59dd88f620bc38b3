import type { Job, Note, Reservation } from '@hilltop/contracts';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWithBrowser } from '../support/describe-with-browser.js';
import { startLab, type TestLab } from '../support/lab.js';
import { newPerson, type Screen, signIn } from '../support/sign-in.js';

const soon = { timeout: 20_000 };

/** Three people with a browser each, at once on the same things. */
describeWithBrowser('three people in one lab', () => {
  let lab: TestLab;
  let owner: Screen;
  let mira: Screen;
  let jo: Screen;
  let job: Job;

  beforeAll(async () => {
    lab = await startLab();
    await lab.pushSample('sample');
    await lab.agent('bench-1');
    job = await lab.submit({ model: 'sample', recipes: ['fp32', 'int8-static'], protocol: 'quick' });
    [owner, mira, jo] = await Promise.all([
      signIn(lab, lab.token),
      newPerson(lab, 'Mira Berg'),
      newPerson(lab, 'Jo Okafor'),
    ]);
    await lab.ended(job.id);
  }, 240_000);

  afterAll(async () => {
    await Promise.all([owner, mira, jo].map((screen) => screen.close()));
    await lab.stop();
  });

  const row = ({ page }: Screen) => page.locator('[data-testid="leases-bench-1"]');
  const avatar = ({ page }: Screen, name: string) =>
    page.getByRole('button', { name: new RegExp(`: follow ${name}`) }).first();

  it('[MANY-1] what one pins is ringed for the two others, at another size of window too', async () => {
    await jo.page.setViewportSize({ width: 700, height: 800 });
    await Promise.all([owner, mira, jo].map(({ page }) => page.goto(`${lab.url}/models/sample`)));
    const points = owner.page.locator('[data-testid^="frontier-point-"]');
    await points.first().waitFor(soon);
    await avatar(owner, 'Mira Berg').waitFor(soon);
    // The chart takes the click and finds the nearest mark.
    await mira.page
      .locator('[data-testid="frontier-point-int8-static"]')
      .first()
      .click({ force: true, ...soon });
    for (const { page } of [owner, jo]) await page.locator('[data-testid="peer-Mira Berg"]').first().waitFor(soon);
    // Nobody sees a ring of their own.
    expect(await mira.page.locator('[data-testid="peer-Mira Berg"]').count()).toBe(0);
    await jo.page.setViewportSize({ width: 1280, height: 900 });
  }, 120_000);

  it('[MANY-2] a chain of followers goes along, and who acts is free', async () => {
    await avatar(owner, 'Mira Berg').click();
    await owner.page
      .getByText(/Following/)
      .first()
      .waitFor(soon);
    await mira.page.getByRole('link', { name: 'Sweeps' }).first().click();
    await owner.page.waitForURL(`${lab.url}/sweeps`, soon);
    await owner.page.keyboard.press('Escape');
    await owner.page.getByText(/^Following/).waitFor({ state: 'detached', ...soon });
    await mira.page.getByRole('link', { name: 'Models' }).first().click();
    await avatar(jo, 'Mira Berg').waitFor(soon);
    expect(new URL(owner.page.url()).pathname).toBe('/sweeps');
  }, 120_000);

  it('[MANY-3] two reserve in the same moment: one holds the device, the other is first in its queue, and all see it', async () => {
    await Promise.all([owner, mira, jo].map(({ page }) => page.goto(`${lab.url}/reservations`)));
    await Promise.all([mira, jo].map((each) => row(each).getByRole('button', { name: 'Reserve' }).waitFor(soon)));
    await Promise.all([mira, jo].map((each) => row(each).getByRole('button', { name: 'Reserve' }).click()));
    for (const each of [owner, mira, jo]) {
      await row(each)
        .getByText(/held by (Mira Berg|Jo Okafor) until/)
        .waitFor(soon);
      await row(each)
        .getByRole('list', { name: 'Queue for bench-1' })
        .getByText(/Mira Berg|Jo Okafor/)
        .waitFor(soon);
    }
    const { items } = await lab.api<{ items: Reservation[] }>('GET', '/leases');
    expect(items.map(({ state }) => state).sort()).toEqual(['held', 'queued']);
    expect(new Set(items.map(({ holder }) => holder.name))).toEqual(new Set(['Mira Berg', 'Jo Okafor']));
  }, 120_000);

  it('[MANY-4] a hand-over goes to the first in the queue; the third keeps the place behind', async () => {
    const { items } = await lab.api<{ items: Reservation[] }>('GET', '/leases');
    const held = items.find(({ state }) => state === 'held')!;
    const [from, to] = held.holder.name === 'Mira Berg' ? [mira, jo] : [jo, mira];
    const next = held.holder.name === 'Mira Berg' ? 'Jo Okafor' : 'Mira Berg';
    await row(owner).getByRole('button', { name: 'Queue' }).click();
    await row(from).getByRole('list', { name: 'Queue for bench-1' }).getByText('admin').waitFor(soon);
    await row(from)
      .getByRole('button', { name: /^Hand over/ })
      .click();
    const dialog = from.page.getByRole('dialog');
    await dialog.getByText(next).first().waitFor(soon);
    await dialog.getByRole('button', { name: 'Hand over' }).click();
    for (const each of [owner, to, from]) {
      await row(each)
        .getByText(new RegExp(`held by ${next} until`))
        .waitFor(soon);
      await row(each).getByRole('list', { name: 'Queue for bench-1' }).getByText('admin').waitFor(soon);
    }
    const left = (await lab.api<{ items: Reservation[] }>('GET', '/leases')).items;
    expect(left.find(({ state }) => state === 'queued')).toMatchObject({ holder: { name: 'admin' }, place: 1 });
  }, 120_000);

  it('[MANY-5] a note that names one is with all three, and a mention of that one alone', async () => {
    await Promise.all([owner, mira, jo].map(({ page }) => page.goto(`${lab.url}/models/sample`)));
    await jo.page.getByLabel('New note').fill('@Mira Berg, is int8-static good enough?');
    await jo.page.getByRole('button', { name: 'Write' }).click();
    for (const { page } of [owner, mira])
      await page.locator('[data-testid^="note-"]', { hasText: 'is int8-static good enough?' }).first().waitFor(soon);
    const mentionsOf = async ({ token }: Screen): Promise<Note[]> => {
      const answer = await lab.raw('GET', '/api/v1/notes?mentions=me', { token });
      return ((await answer.json()) as { items: Note[] }).items;
    };
    expect((await mentionsOf(mira)).map(({ author }) => author.name)).toEqual(['Jo Okafor']);
    expect(await mentionsOf(owner)).toEqual([]);
    expect([owner, mira, jo].flatMap(({ errors }) => errors)).toEqual([]);
  }, 120_000);
});
