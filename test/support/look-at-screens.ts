import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import type { SeededPlaces, SeededScreen } from './seeded-screens.js';

export interface Look {
  readonly url: string;
  readonly token: string;
  readonly places: SeededPlaces;
  readonly screens: readonly SeededScreen[];
  /** Each theme at each of these widths, CSS px. */
  readonly looks: ReadonlyArray<readonly ['light' | 'dark', number]>;
  /** Pictures are written there. */
  readonly pictures?: string | undefined;
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** WCAG 2.2 AA, with what came before it. */
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
/** Panels and their code come when visited. */
const settleMs = 15_000;

/** Opens every screen as it looks to people, and says what is wrong with it: a line each. */
export async function lookAtScreens(context: BrowserContext, look: Look): Promise<string[]> {
  const found: string[] = [];
  if (look.pictures) mkdirSync(look.pictures, { recursive: true });
  const page = await context.newPage();
  page.on('pageerror', (error) => found.push(`${page.url()}: ${error.message}`));
  await page.goto(`${look.url}/`);
  for (const [colorScheme, width] of look.looks) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 900 });
    for (const each of look.screens) {
      const title = `${each.name} ${colorScheme} ${width}`;
      await page.evaluate(
        ([token]) => (token ? localStorage.setItem('hilltop.token', token) : localStorage.removeItem('hilltop.token')),
        [each.signedOut ? '' : look.token],
      );
      try {
        await page.goto(look.url + each.path(look.places));
        await settled(page);
        await each.act?.(page);
        found.push(...(await faults(page)).map((fault) => `${title}: ${fault}`));
        if (look.pictures)
          await page.screenshot({
            path: join(look.pictures, `${each.name}-${colorScheme}-${width}.png`),
            ...(!each.act && { fullPage: true, clip: { x: 0, y: 0, width, height: await pictureHeight(page) } }),
          });
      } catch (error) {
        found.push(`${title}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
      }
    }
  }
  await page.close();
  return found;
}

/** All of a page, of a long one its beginning. */
const pictureHeight = (page: Page): Promise<number> =>
  page.evaluate(() => Math.min(1500, Math.max(document.documentElement.scrollHeight, window.innerHeight)));

/** The heading is there and nothing waits for its data any more. */
async function settled(page: Page): Promise<void> {
  await page.waitForSelector('h1', { timeout: settleMs });
  await page.waitForFunction(
    () =>
      // What is further down is mounted when somebody gets there.
      [...document.querySelectorAll('[data-skeleton]')].every(
        (e) => e.getBoundingClientRect().top > window.innerHeight,
      ),
    undefined,
    {
      timeout: settleMs,
    },
  );
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve, 150)))),
  );
}

async function faults(page: Page): Promise<string[]> {
  const found: string[] = [];
  const headings = await page.locator('h1').count();
  if (headings !== 1) found.push(`${headings} h1`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (wide > 0) found.push(`${wide} px wider than the screen`);
  await page.evaluate(axeSource);
  const violations = await page.evaluate(async (wanted) => {
    const { axe: runner } = window as unknown as {
      axe: {
        run(where: Document, how: unknown): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
      };
    };
    const { violations: all } = await runner.run(document, { runOnly: { type: 'tag', values: wanted } });
    return all.map(({ id, nodes }) => `${id} (${nodes.length}): ${nodes[0]?.html.slice(0, 160)}`);
  }, tags);
  return [...found, ...violations];
}
