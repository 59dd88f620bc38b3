import type { Page } from 'playwright-core';

/** What the addresses of the screens name. */
export interface SeededPlaces {
  readonly live: string;
  readonly liveJob: string;
  readonly ended: string;
  readonly failed: string;
  readonly sweep: string;
  readonly schedule: string;
  readonly gate: string;
  /** Keys of two points of a frontier. */
  readonly points: readonly [string, string];
}

export interface SeededScreen {
  readonly name: string;
  readonly path: (places: SeededPlaces) => string;
  /** What a person does there; the screen is looked at afterwards. */
  readonly act?: (page: Page) => Promise<void>;
  /** Nobody is signed in. */
  readonly signedOut?: true;
}

const screen = (name: string, path: string | SeededScreen['path'], act?: SeededScreen['act']): SeededScreen => ({
  name,
  path: typeof path === 'string' ? () => path : path,
  ...(act && { act }),
});
const key =
  (keys: string): SeededScreen['act'] =>
  async (page) => {
    await page.keyboard.press(keys);
    await page.getByRole('dialog').waitFor({ timeout: 10_000 });
  };
const button =
  (name: string | RegExp): SeededScreen['act'] =>
  async (page) => {
    await page.getByRole('button', { name }).first().click();
    await page.getByRole('dialog').waitFor({ timeout: 10_000 });
  };
const chosen = (points: readonly string[]): string =>
  points.map((point) => `compare=${encodeURIComponent(point)}`).join('&');

/** Every screen of the dashboard, and the states of it that the seeded lab has. */
export const seededScreens: readonly SeededScreen[] = [
  screen('lab', '/'),
  screen('device-busy', '/devices/seeded-orin'),
  screen('device-reserved', '/devices/seeded-rpi-a'),
  screen('device-quarantined', '/devices/seeded-nano'),
  screen('device-board', '/devices/seeded-pico'),
  screen('device-offline', '/devices/seeded-x86'),
  screen('models', '/models'),
  screen('model', '/models/seeded-vision'),
  screen('model-compare', ({ points }) => `/models/seeded-vision?device=seeded-rpi-a&${chosen(points)}`),
  screen('model-where', '/models/seeded-vision?where=accuracy%3E%3D0.89&metric=memory_peak_bytes&base=last-good-night'),
  screen('model-lineage', '/models/seeded-vision?variant=int8-static'),
  screen('jobs', '/jobs'),
  screen('job', ({ liveJob }) => `/jobs/${liveJob}`),
  screen('run-live', ({ live }) => `/runs/${live}`),
  screen('run-ended', ({ ended }) => `/runs/${ended}`),
  screen('run-failed', ({ failed }) => `/runs/${failed}`),
  screen('sweeps', '/sweeps'),
  screen('sweep', ({ sweep }) => `/sweeps/${sweep}`),
  screen('schedules', '/schedules'),
  screen('schedule', ({ schedule }) => `/schedules/${schedule}`),
  screen('gate', ({ gate }) => `/gates/${gate}`),
  screen('reservations', '/reservations'),
  ...['you', 'people', 'tokens', 'agents', 'baselines', 'system'].map((tab) =>
    screen(`settings-${tab}`, `/settings/${tab}`),
  ),
  screen('palette', '/', key('Control+k')),
  screen('keys', '/', key('?')),
  screen('new-job', '/', button('New job')),
  screen('not-found', '/nothing-here'),
  { ...screen('sign-in', '/'), signedOut: true },
];
