import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

/** Opens each screen in both themes, wide and on a phone, and says what is inaccessible there or wider than the screen. */
export async function screenFaults(page: Page, url: string, screens: readonly string[]): Promise<string[]> {
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  const found: string[] = [];
  for (const path of screens) {
    for (const [colorScheme, width] of [
      ['light', 1280],
      ['dark', 360],
    ] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 900 });
      await page.goto(url + path);
      await page.waitForSelector('h1');
      await page.evaluate(axe);
      const violations = await page.evaluate(async () => {
        const { axe: runner } = window as unknown as {
          axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
        };
        return (await runner.run()).violations.map((v) => `${v.id}: ${v.nodes[0]?.html.slice(0, 150)}`);
      });
      found.push(...violations.map((v) => `${path} ${colorScheme} ${width}: ${v}`));
      if (await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth))
        found.push(`${path} ${width}: wider than the screen`);
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1280, height: 900 });
  return found;
}
