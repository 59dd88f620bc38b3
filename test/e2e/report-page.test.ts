import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { guideHtml } from '../../server/src/guides/guide-html.js';
import { sampleGuide } from '../../server/src/guides/testing/sample-guide.js';
import { reportHtml } from '../../server/src/reports/report-html.js';
import { sampleGate, sampleReport } from '../../server/src/reports/testing/sample-report.js';
import { openBrowser } from '../support/browser.js';
import { describeWithBrowser } from '../support/describe-with-browser.js';
import { screenFaults } from '../support/screen-faults.js';

const pages = {
  'gate.html': reportHtml(sampleReport({ gate: sampleGate() })),
  'sweep.html': reportHtml(sampleReport()),
  'guide.html': guideHtml(sampleGuide()),
};

describeWithBrowser('pages to hand on', () => {
  let folder: string;
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hilltop-pages-'));
    for (const [name, html] of Object.entries(pages)) await writeFile(join(folder, name), html);
    browser = await openBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true });
  });

  it('[REP-16] they open from a disk, ask for nothing, and a browser has nothing to mend', async () => {
    const asked: string[] = [];
    browser.page.on('request', (request) => asked.push(request.url()));
    for (const [name, html] of Object.entries(pages)) {
      const url = pathToFileURL(join(folder, name)).href;
      await browser.page.goto(url);
      const built = await browser.page.evaluate(() => ({
        mode: document.compatMode,
        elements: document.querySelectorAll('*').length,
        ids: [...document.querySelectorAll('[id]')].map(({ id }) => id),
        referred: [...document.querySelectorAll('[aria-labelledby]')].flatMap((element) =>
          (element.getAttribute('aria-labelledby') ?? '').split(' '),
        ),
      }));
      // A tag that was closed or opened for us would make them more or fewer.
      expect([name, built.elements]).toEqual([name, html.match(/<[a-zA-Z]/g)!.length]);
      expect([built.mode, new Set(built.ids).size]).toEqual(['CSS1Compat', built.ids.length]);
      for (const id of built.referred) expect(built.ids).toContain(id);
      expect(asked.splice(0)).toEqual([url]);
    }
    expect(browser.errors).toEqual([]);
  }, 60_000);

  it('[REP-16] they are without accessibility violations (axe), in both themes, and fit a phone', async () => {
    const url = pathToFileURL(folder).href;
    expect(
      await screenFaults(
        browser.page,
        url,
        Object.keys(pages).map((name) => `/${name}`),
      ),
    ).toEqual([]);
  }, 120_000);
});
