/** `npm run seeded-lab -- --port 7200 --mqtt-port 7300`: the seeded lab of the tests, for a person to look at. */
import { parseArgs } from 'node:util';
import { openBrowser } from '../../test/support/browser.js';
import { lookAtScreens } from '../../test/support/look-at-screens.js';
import { startSeededLab } from '../../test/support/seeded-lab.js';
import { placesOf } from '../../test/support/seeded-places.js';
import { seededScreens } from '../../test/support/seeded-screens.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '42' },
    runs: { type: 'string', default: '220' },
    devices: { type: 'string', default: '6' },
    port: { type: 'string', default: '7200' },
    'mqtt-port': { type: 'string', default: '7300' },
    /** Folder for a picture of each screen in both themes; then it ends. */
    pictures: { type: 'string' },
  },
});

const startedAt = performance.now();
const seeded = await startSeededLab({
  seed: Number(values.seed),
  runs: Number(values.runs),
  devices: Number(values.devices),
  args: ['--port', values.port, '--mqtt-port', values['mqtt-port']],
});
const { lab, people, live, search, schedule, gate, endings } = seeded;
const lines = [
  `The seeded lab (made-up numbers, no measurements) is at ${lab.url} after ${((performance.now() - startedAt) / 1000).toFixed(0)} s`,
  `  admin      ${lab.token}`,
  ...Object.entries(people).map(([name, token]) => `  ${name.padEnd(10)} ${token}`),
  ...[`/runs/${live.id}`, `/runs/${endings.failed}`, `/sweeps/${search.id}`].map((path) => `  ${lab.url}${path}`),
  ...[`/schedules/${schedule.id}`, `/gates/${gate.id}`].map((path) => `  ${lab.url}${path}`),
  'Ctrl C ends it and forgets everything.',
];
process.stdout.write(`${lines.join('\n')}\n`);
if (values.pictures !== undefined) {
  const browser = await openBrowser();
  const faults = await lookAtScreens(browser.context, {
    url: lab.url,
    token: lab.token,
    places: await placesOf(seeded),
    screens: seededScreens,
    looks: [
      ['light', 1280],
      ['dark', 1280],
    ],
    pictures: values.pictures,
  });
  process.stdout.write(`${faults.join('\n')}\n`);
  await browser.close();
  await seeded.stop();
  process.exit(0);
}
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void seeded.stop().then(() => process.exit(0)));
