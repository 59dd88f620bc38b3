import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Frontier, parseConstraint, recommend, type TokenCreated, type User } from '@hilltop/contracts';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openBrowser } from '../support/browser.js';
import { describeWithBrowser } from '../support/describe-with-browser.js';
import { root, startLab, type TestLab } from '../support/lab.js';

type Browser = Awaited<ReturnType<typeof openBrowser>>;
const run = promisify(execFile);

/** Choosing a variant on the chart: by constraints, by keys, and two people at once. */
describeWithBrowser('the frontier chart', () => {
  let lab: TestLab;
  let owner: Browser;
  let mira: Browser;
  const recipes = ['fp32', 'int8-static', 'int8-dynamic'];

  beforeAll(async () => {
    lab = await startLab();
    await lab.pushSample();
    await lab.agent('bench-1');
    [owner, mira] = await Promise.all([openBrowser(), openBrowser()]);
    const job = await lab.submit({ model: 'sample', recipes, protocol: 'quick', repeats: 0 });
    expect((await lab.ended(job.id)).state).toBe('succeeded');
    const user = await lab.api<User>('POST', '/users', { name: 'Mira Berg', role: 'operator' });
    const { secret } = await lab.api<TokenCreated>('POST', '/tokens', { kind: 'usr', userId: user.id });
    await owner.page.goto(lab.signInUrl);
    await mira.page.goto(lab.url);
    await mira.page.getByLabel('Token or one-time code').fill(secret);
    await mira.page.keyboard.press('Enter');
    for (const { page } of [owner, mira]) await page.waitForSelector('[data-testid="connection-pill"]');
  }, 180_000);

  afterAll(async () => {
    await Promise.all([owner?.close(), mira?.close()]);
    await lab.stop();
  });

  const open = async ({ page }: Browser, search = ''): Promise<void> => {
    await page.goto(`${lab.url}/models/sample${search}`);
    await page.locator('[data-testid="frontier-point-fp32"]').waitFor({ timeout: 20_000 });
  };
  /** A line as somebody pastes it. */
  const shell = async (line: string, more: string): Promise<string> => {
    const bin = `node ${join(root, 'bin/hilltop.mjs')}`;
    const { stdout } = await run('sh', ['-c', `${line.replace(/^hilltop/, bin)} ${more}`], {
      env: { ...process.env, HILLTOP_URL: lab.url, HILLTOP_TOKEN: lab.token },
      maxBuffer: 10_000_000,
    });
    return stdout;
  };

  it('[CHART-14] a constraint set by the slider, the address, the CLI line and the CSV say the same', async () => {
    const { page } = owner;
    await open(owner);
    await page.getByLabel('Add a constraint on').selectOption('size_bytes');
    const slider = page.getByRole('slider', { name: 'Limit of size' });
    await slider.focus();
    // To where the least still fits, and no more.
    await page.keyboard.press('Home');
    await page.getByRole('button', { name: /^Relax size to/ }).click();
    const count = page.locator('[data-testid="fit-count"]');
    await count
      .getByText(/^1 of 3 fit/)
      .or(count.getByText(/^2 of 3 fit/))
      .waitFor();
    await page.waitForURL((url) => url.searchParams.get('where')?.startsWith('size_bytes<=') ?? false);
    const search = new URL(page.url()).search;
    const chosen = page.locator('[data-testid="ship-bench-1"]');
    const shipped = await chosen.textContent();
    const line = await page.getByRole('button', { name: 'Copy the CLI line of this frontier' }).getAttribute('title');
    const frontier = Frontier.parse(JSON.parse(await shell(line!, '--json')));
    const where = new URLSearchParams(search).get('where')!;
    const { points } = frontier.devices[0]!;
    const fits = points.filter((point) => point.feasible).length;
    expect(await count.textContent()).toMatch(new RegExp(`^${fits} of ${points.length} fit`));
    const advice = recommend(points, {
      prefer: 'latency_p50_ms',
      quality: 'accuracy',
      within: 0.01,
      constraints: [parseConstraint(where)],
    });
    const names = advice.kind === 'none' ? [] : advice.kind === 'unsure' ? advice.rivals : [advice.point];
    for (const { recipe } of names) expect(shipped).toContain(recipe);
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'CSV', exact: true }).click();
    const csv = readFileSync(await (await download).path(), 'utf8');
    expect(csv).toBe(await shell(line!, '--csv'));
    await open(mira, search);
    expect(await mira.page.locator('[data-testid="fit-count"]').textContent()).toBe(await count.textContent());
    expect(await mira.page.locator('[data-testid="ship-bench-1"]').textContent()).toBe(shipped);
  }, 90_000);

  it('[CHART-15] points are chosen, compared and listed by keys alone', async () => {
    const { page } = owner;
    await open(owner);
    await page.locator('[data-testid^="frontier-point-"][tabindex="0"]').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    await page.waitForURL(/sel=/);
    await page.keyboard.press('Space');
    await page.waitForURL(/compare=/);
    for (const key of ['ArrowRight', 'ArrowUp', 'ArrowDown', 'End']) {
      if (new URL(page.url()).searchParams.getAll('compare').length > 1) break;
      await page.keyboard.press(key);
      if ((await page.locator('[data-testid^="frontier-point-"]:focus').getAttribute('data-compared')) === null)
        await page.keyboard.press('Space');
    }
    await page.waitForURL((url) => url.searchParams.getAll('compare').length === 2);
    expect(await page.locator('[data-testid^="frontier-point-"][data-compared]').count()).toBe(2);
    await page.keyboard.press('t');
    const boxes = page.getByRole('checkbox', { name: /^Compare / });
    await boxes.first().waitFor();
    expect([
      await boxes.count(),
      await page.getByRole('checkbox', { name: /^Compare /, checked: true }).count(),
    ]).toEqual([3, 2]);
  }, 60_000);

  it('[CHART-16] what one selects and points at is with the other at the same point, in windows of other sizes', async () => {
    await mira.page.setViewportSize({ width: 700, height: 900 });
    await mira.page.evaluate(() => localStorage.setItem('hilltop.cursors', 'all'));
    await Promise.all([open(owner), open(mira)]);
    const point = ({ page }: Browser) => page.locator('[data-testid="frontier-point-int8-static"]');
    const middle = async (browser: Browser, selector: string) => {
      const box = (await browser.page.locator(selector).first().boundingBox())!;
      return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    };
    await owner.page.getByRole('button', { name: /follow Mira Berg/ }).waitFor({ timeout: 15_000 });
    await point(owner).focus();
    await owner.page.keyboard.press('Enter');
    await mira.page.locator('[data-testid="peer-admin"]').waitFor({ timeout: 15_000 });
    const ring = await middle(mira, '[data-testid="peer-admin"] circle');
    const mark = await middle(mira, '[data-testid="frontier-point-int8-static"] circle');
    expect(Math.hypot(ring.x - mark.x, ring.y - mark.y)).toBeLessThan(1.5);
    const place = await middle(owner, '[data-testid="frontier-point-int8-static"] circle');
    await owner.page.mouse.move(place.x - 2, place.y - 2);
    await owner.page.mouse.move(place.x, place.y);
    await mira.page.locator('[data-testid="cursor-admin"]').waitFor({ timeout: 15_000 });
    // Once it has come to rest there, it points at the same point.
    await mira.page.waitForFunction(
      ({ x, y }) => {
        const box = document.querySelector('[data-testid="cursor-admin"] path')!.getBoundingClientRect();
        return Math.hypot(box.left - x, box.top - y) < 4;
      },
      await middle(mira, '[data-testid="frontier-point-int8-static"] circle'),
      { timeout: 15_000 },
    );
    // Nobody is shown their own; who points elsewhere is shown no longer.
    expect(await owner.page.locator('[data-testid^="cursor-"]').count()).toBe(0);
    await owner.page.mouse.move(5, 5);
    await mira.page.locator('[data-testid="cursor-admin"]').waitFor({ state: 'detached', timeout: 15_000 });
    expect([...owner.errors, ...mira.errors]).toEqual([]);
  }, 60_000);
});
