import { readFileSync } from 'node:fs';
import type { Gate, Sweep, TokenCreated, User } from '@hilltop/contracts';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openBrowser } from '../support/browser.js';
import { describeWithBrowser } from '../support/describe-with-browser.js';
import { example, startLab, type TestLab } from '../support/lab.js';

type Browser = Awaited<ReturnType<typeof openBrowser>>;

/** What is the same on every machine: answers and sizes. */
const file = {
  name: 'night',
  models: ['sample'],
  recipes: ['fp16'],
  protocol: 'quick',
  repeats: 0,
  evaluationItems: 20,
  sampler: { name: 'grid' },
  objectives: [{ metric: 'accuracy' }, { metric: 'size_bytes' }],
  healthCheck: false,
} as const;

describeWithBrowser('the nights on the page', () => {
  let lab: TestLab;
  let owner: Browser;
  let mira: Browser;
  let gateId = '';

  beforeAll(async () => {
    lab = await startLab();
    [owner, mira] = await Promise.all([openBrowser(), openBrowser(), lab.agent('bench-1')]);
    await lab.push('sample', {
      model: readFileSync(example('models/fashion-resnet-micro.onnx')),
      evaluation: readFileSync(example('data/fashion-validation.npz')),
    });
    const { id } = await lab.api<Sweep>('POST', '/sweeps', { file });
    await lab
      .watch(`sweep/${id}`)
      .until((e) => [...e.sweep.values()].find((sweep) => sweep.endedAt !== undefined), 60_000);
    await lab.api('POST', '/baselines', { name: 'v1', sweep: id });
    const user = await lab.api<User>('POST', '/users', { name: 'Mira Berg', role: 'operator' });
    const { secret } = await lab.api<TokenCreated>('POST', '/tokens', { kind: 'usr', userId: user.id });
    await mira.page.goto(lab.url);
    await mira.page.getByLabel('Token or one-time code').fill(secret);
    await mira.page.keyboard.press('Enter');
    await owner.page.goto(lab.signInUrl);
    await Promise.all([owner, mira].map(({ page }) => page.waitForSelector('[data-testid="connection-pill"]')));
  }, 120_000);

  afterAll(async () => {
    await Promise.all([owner.close(), mira.close()]);
    await lab.stop();
  });

  it('[NIGHT-20] a schedule is made in its dialog, triggered, and its gate appears by itself', async () => {
    const { page } = owner;
    await page.getByRole('link', { name: 'Schedules' }).click();
    await page.getByRole('button', { name: 'New schedule' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'New schedule' });
    await dialog.getByLabel('Rule (cron)').fill('0 2 *');
    await dialog.getByText('Five fields').waitFor();
    await dialog.getByLabel('Rule (cron)').fill('30 2 * * *');
    await dialog.getByLabel('Time zone').selectOption('Europe/Berlin');
    await dialog.locator('[data-testid="due-starts"]', { hasText: 'every day at 02:30' }).waitFor();
    await dialog.getByLabel('Sweep file', { exact: true }).fill(JSON.stringify({ ...file, models: ['nothing'] }));
    // The lab refuses what it cannot try, at the field.
    await dialog.getByText('nothing', { exact: false }).locator('visible=true').last().waitFor();
    await dialog.getByLabel('Sweep file', { exact: true }).fill(JSON.stringify(file));
    await dialog.locator('[data-testid="sweep-preview"]', { hasText: 'on 1 device' }).waitFor();
    await dialog.getByLabel('Name', { exact: true }).fill('nightly');
    await dialog.getByLabel('Baseline').selectOption('v1');
    await dialog.getByRole('button', { name: 'Add schedule' }).click();
    await page.waitForURL(/\/schedules\/sched_/);
    await page.getByRole('button', { name: 'Start now: nightly' }).click();
    const gate = page.locator('tr[data-testid^="night-"] a[href^="/gates/"]');
    await gate.waitFor({ timeout: 60_000 });
    await gate.click();
    await page.waitForURL(/\/gates\/gate_/);
    gateId = new URL(page.url()).pathname.slice('/gates/'.length);
    await page.getByRole('heading', { level: 1, name: 'Gate passed: night' }).waitFor();
  }, 120_000);

  it('[NIGHT-20] of two who decide one row the first wins; the second sees who, and may reopen with a reason', async () => {
    await mira.page.goto(`${lab.url}/gates/${gateId}`);
    await Promise.all([owner, mira].map(({ page }) => page.locator('[data-testid="gate-row-1"]').waitFor()));
    for (const { page } of [owner, mira]) {
      await page.keyboard.press('a');
      await page.getByLabel('Comment').waitFor();
    }
    await owner.page.getByLabel('Comment').fill('as it was meant');
    await owner.page.getByRole('button', { name: 'Accept', exact: true }).last().click();
    await mira.page.locator('[data-testid="gate-row-1"]', { hasText: 'accepted by admin' }).waitFor();
    await mira.page.getByLabel('Comment').fill('mine');
    await mira.page.getByRole('button', { name: 'Accept', exact: true }).last().click();
    await mira.page.locator('[data-testid="decided-first"]', { hasText: 'admin' }).waitFor();
    await mira.page.getByRole('button', { name: 'Reopen with a reason' }).click();
    await mira.page.getByLabel('Reason').fill('not like this');
    await mira.page.getByRole('dialog').getByRole('button', { name: 'Reopen', exact: true }).click();
    await owner.page.locator('[data-testid="gate-row-1"]', { hasText: 'open again (Mira Berg)' }).waitFor();
    const { rows } = await lab.api<Gate>('GET', `/gates/${gateId}`);
    expect(rows[0]!.decision).toMatchObject({ state: 'reopened', n: 2, by: 'Mira Berg', comment: 'not like this' });
  }, 60_000);

  it('[NIGHT-20] rows are walked by keys, a note on one is with the other at once', async () => {
    await owner.page.keyboard.press('j');
    await owner.page.waitForURL(/row=2/);
    await owner.page.locator('[data-testid="gate-row-2"][data-current]').waitFor();
    await owner.page.getByLabel('Note on this row').fill('look at the size');
    await owner.page.getByRole('button', { name: 'Write', exact: true }).click();
    await mira.page.locator('[data-testid="gate-row-2"]', { hasText: '1 note' }).waitFor();
    await owner.page.getByTestId('lane-infrastructure').click();
    await owner.page.getByText('Every point of the baseline has a result').waitFor();
    expect([...owner.errors, ...mira.errors]).toEqual([]);
  }, 60_000);
});
