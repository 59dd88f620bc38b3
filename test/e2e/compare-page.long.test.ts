import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Comparison, type DeviceFrontier, pointKey } from '@hilltop/contracts';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openBrowser } from '../support/browser.js';
import { describeWithBrowser } from '../support/describe-with-browser.js';
import { startLab, type TestLab } from '../support/lab.js';

/** From points to a decision: compare, matrix, lineage, take home. */
describeWithBrowser('comparing and taking home', () => {
  let lab: TestLab;
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let frontier: DeviceFrontier;
  const keyOf = (recipe: string): string => pointKey(frontier.points.find((point) => point.recipe === recipe)!);

  beforeAll(async () => {
    lab = await startLab();
    await lab.pushSample();
    await lab.agent('bench-1');
    const job = await lab.submit({
      model: 'sample',
      recipes: ['fp32', 'int8-static'],
      selector: { devices: ['bench-1'], labels: {} },
      protocol: 'quick',
      evaluationItems: 100,
    });
    await lab.api('POST', '/variants', { model: 'sample', recipes: ['fp16'] });
    expect((await lab.ended(job.id)).state).toBe('succeeded');
    frontier = (await lab.frontier('model=sample')).devices[0]!;
    browser = await openBrowser();
    await browser.page.goto(lab.signInUrl);
    await browser.page.waitForSelector('[data-testid="connection-pill"]');
  }, 180_000);

  afterAll(async () => {
    await browser.close();
    await lab.stop();
  });

  it('[COMP-8] points of one device and protocol are compared; one without a run there is named', async () => {
    const ask = (...keys: string[]): Promise<Comparison> =>
      lab.api(
        'GET',
        `/models/sample/comparison?${new URLSearchParams([['device', 'bench-1'], ...keys.map((key): [string, string] => ['point', key])])}`,
      );
    const [fp32, int8] = [keyOf('fp32'), keyOf('int8-static')];
    const found = await ask(fp32, int8);
    expect(found).toMatchObject({
      protocol: 'quick',
      device: { name: 'bench-1' },
      points: [{ key: fp32 }, { key: int8, recipe: 'int8-static' }],
    });
    expect(found.metrics.find(({ metric }) => metric === 'accuracy')?.others[0]?.change).toMatchObject({
      method: 'items',
      pairs: 100,
    });
    await expect(ask(fp32, 'var_nobody00|threads=1,graph=all')).rejects.toMatchObject({
      code: 'frontier.no-points',
      details: { point: 'var_nobody00|threads=1,graph=all' },
    });
    await expect(ask(fp32)).rejects.toMatchObject({ code: 'request.invalid' });
    await expect(ask(fp32, fp32)).rejects.toMatchObject({ code: 'request.invalid' });
  }, 30_000);

  it('[COMP-9] two cells chosen by keyboard are compared with the numbers of the lab, and the address keeps it', async () => {
    const { page } = browser;
    await page.goto(`${lab.url}/models/sample`);
    const matrix = page.locator('[data-panel="matrix"]');
    for (const recipe of ['fp32', 'int8-static']) {
      await matrix.getByRole('row', { name: recipe }).getByRole('button', { pressed: false }).first().focus();
      await page.keyboard.press('Space');
      await matrix.getByRole('row', { name: recipe }).getByRole('button', { pressed: true }).waitFor();
    }
    const table = page.getByTestId('comparison-bench-1');
    await table.waitFor({ timeout: 15_000 });
    const query = new URLSearchParams([
      ['device', 'bench-1'],
      ['protocol', 'quick'],
      ['point', keyOf('fp32')],
      ['point', keyOf('int8-static')],
    ]);
    const { metrics } = await lab.api<Comparison>('GET', `/models/sample/comparison?${query}`);
    expect(await table.locator('tbody tr').count()).toBe(metrics.length);
    for (const { metric, others } of metrics) {
      const row = table.locator(`tr[data-metric="${metric}"]`);
      const { shown, redraws, method } = others[0]!.change;
      expect([metric, await row.locator('[data-shown]').getAttribute('data-shown')]).toEqual([metric, String(shown)]);
      if (redraws && method !== 'exact')
        expect(await row.textContent()).toContain(`in ${redraws.better} of ${redraws.of} re-draws`);
    }
    const before = await table.textContent();
    await page.reload();
    await table.waitFor({ timeout: 15_000 });
    expect(await table.textContent()).toBe(before);
    await page.getByRole('button', { name: 'make reference: int8-static' }).click();
    await table.getByRole('columnheader', { name: 'A int8-static' }).waitFor({ timeout: 15_000 });
    expect(new URL(page.url()).searchParams.getAll('compare')).toEqual([keyOf('int8-static'), keyOf('fp32')]);
  }, 60_000);

  it('[COMP-10] what was not run is measured from its cell: variant, device and protocol are filled in', async () => {
    const { page } = browser;
    await page.goto(`${lab.url}/models/sample?metric=size_bytes&sort=bench-1`);
    await page.getByRole('button', { name: 'Measure fp16 on bench-1' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('checkbox', { name: /^fp16/ }).waitFor({ timeout: 15_000 });
    const checked = await dialog.getByRole('checkbox', { checked: true }).evaluateAll((boxes) => boxes.length);
    expect(checked).toBe(2);
    expect(await dialog.getByRole('checkbox', { name: /^fp16/ }).isChecked()).toBe(true);
    // One variant on one device.
    expect(await dialog.getByText(/= 1 run\b|^1 run\b/).count()).toBe(1);
    await page.keyboard.press('Escape');
  }, 40_000);

  it('[COMP-12] [COMP-13] [COMP-14] the lineage has the artifact; what is taken home has the SHA-256 that is shown', async () => {
    const { page } = browser;
    await page.goto(`${lab.url}/models/sample?variant=int8-static`);
    await page.getByText('has no validation set').waitFor({ timeout: 15_000 });
    const lineage = page.getByRole('list', { name: 'Lineage of int8-static' });
    const { artifact } = frontier.points.find((point) => point.recipe === 'int8-static')!;
    await lineage.getByText(artifact.sha256).waitFor({ timeout: 15_000 });
    await page.locator('[data-panel="lineage"]').getByRole('button', { name: 'Take home' }).click();
    const dialog = page.getByRole('dialog');
    const shown = await dialog.getByTestId('take-home-sha256').textContent();
    const coming = page.waitForEvent('download');
    await dialog.getByRole('button', { name: /^Download/ }).click();
    const bytes = readFileSync(await (await coming).path());
    expect([shown, createHash('sha256').update(bytes).digest('hex')]).toEqual([artifact.sha256, artifact.sha256]);
    expect(browser.errors).toEqual([]);
  }, 60_000);
});
