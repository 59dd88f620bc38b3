import { type Frontier, isHeld, type Run } from '@hilltop/contracts';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openBrowser } from '../support/browser.js';
import { describeWithBrowser } from '../support/describe-with-browser.js';
import { startLab } from '../support/lab.js';
import { lookAtScreens } from '../support/look-at-screens.js';
import { type SeededLab, startSeededLab } from '../support/seeded-lab.js';
import { placesOf } from '../support/seeded-places.js';
import { seededScreens } from '../support/seeded-screens.js';

/** HILLTOP_SCREENSHOTS=DIR keeps a picture of each, in both themes at both widths; else each theme at one of them. */
const pictures = process.env['HILLTOP_SCREENSHOTS'];
const looks =
  pictures === undefined
    ? ([
        ['light', 1280],
        ['dark', 360],
      ] as const)
    : ([
        ['light', 1280],
        ['dark', 1280],
        ['light', 360],
        ['dark', 360],
      ] as const);

describeWithBrowser('every screen', () => {
  let seeded: SeededLab;
  let browser: Awaited<ReturnType<typeof openBrowser>>;

  beforeAll(async () => {
    seeded = await startSeededLab({ seed: 42 });
    browser = await openBrowser();
  }, 300_000);
  afterAll(async () => {
    await browser.close();
    await seeded.stop();
  });

  it('[SEED-1] the seeded lab has each way that a run can end, and says that it is no measurement', async () => {
    const { lab, gate, search } = seeded;
    const runs: Run[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const page: { items: Run[]; next?: string } = await lab.api(
        'GET',
        `/runs?limit=200${cursor && `&cursor=${cursor}`}`,
      );
      runs.push(...page.items);
      cursor = page.next;
    }
    expect(runs.length).toBeGreaterThanOrEqual(220);
    // The live one may be anywhere between claimed and running.
    const states = new Set(runs.map(({ state }) => (isHeld(state) ? 'held' : state)));
    expect(states).toEqual(new Set(['succeeded', 'failed', 'cancelled', 'queued', 'held']));
    expect(new Set(runs.flatMap(({ verdict }) => verdict?.verdict ?? []))).toEqual(
      new Set(['clean', 'disturbed', 'invalid']),
    );
    expect(new Set(runs.flatMap(({ error }) => error?.cause ?? []))).toEqual(
      new Set(['device', 'infrastructure', 'user']),
    );
    expect(runs.filter(({ deviceName }) => !deviceName.startsWith('seeded-'))).toEqual([]);
    expect(gate.verdict).toBe('worse');
    expect(gate.counts.inconclusive).toBeGreaterThan(0);
    expect(gate.missing.length).toBeGreaterThan(0);
    expect(search.state).toBe('succeeded');
    const frontier = await lab.frontier('model=seeded-vision');
    expect(statusesOf(frontier)).toEqual(new Set(['on', 'uncertain', 'dominated']));
  }, 60_000);

  it('[SEED-2] [DASH-24] every screen and its states: no violation of WCAG 2.2 AA, one heading, nothing wider than the screen', async () => {
    const faults = await lookAtScreens(browser.context, {
      url: seeded.lab.url,
      token: seeded.lab.token,
      places: await placesOf(seeded),
      screens: seededScreens,
      looks,
      pictures,
    });
    expect(faults).toEqual([]);
    expect(browser.errors).toEqual([]);
  }, 900_000);

  it('[SEED-2] a lab with nothing in it says on each screen what to do', async () => {
    const empty = await startLab();
    try {
      const faults = await lookAtScreens(browser.context, {
        url: empty.url,
        token: empty.token,
        places: await placesOf(seeded),
        screens: seededScreens
          .filter(({ name }) => ['lab', 'models', 'jobs', 'sweeps', 'schedules', 'reservations'].includes(name))
          .map((screen) => ({ ...screen, name: `empty-${screen.name}` })),
        looks: [
          ['light', 1280],
          ['dark', 360],
        ],
        pictures,
      });
      expect(faults).toEqual([]);
    } finally {
      await empty.stop();
    }
  }, 120_000);
});

const statusesOf = (frontier: Frontier): Set<string> =>
  new Set(frontier.devices.flatMap(({ points }) => points.map(({ status }) => status)));
