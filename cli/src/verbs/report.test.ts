import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Guide, isLabError, LabError, type Report } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runCli } from '../run-cli.js';
import { Options } from '../shell/options.js';
import { type Answer, type HttpLab, type Received, startHttpLab } from '../testing/http-lab.js';
import { memoryTerminal } from '../testing/memory-terminal.js';
import { observationExportQuery } from './export-observations.js';
import { runExportQuery } from './export-runs.js';

let lab: HttpLab;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hilltop-report-'));
});
afterEach(async () => {
  await lab?.close();
  await rm(folder, { recursive: true });
});

async function hilltop(answer: (request: Received) => Answer, ...argv: readonly string[]) {
  lab = await startHttpLab(answer);
  const terminal = { ...memoryTerminal({ env: { HILLTOP_URL: lab.url, HILLTOP_TOKEN: 'hlt_usr_x' } }), cwd: folder };
  const status = await runCli([...argv], terminal);
  const asked = lab.received.map(({ path, query }) => `${path.replace('/api/v1', '')}?${query}`);
  return { status, asked, ...terminal.written };
}
const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'nothing thrown';
  } catch (error) {
    return isLabError(error) ? error.code : String(error);
  }
};

const report: Report = {
  title: 'night',
  lab: { id: 'lab_1', version: '0' },
  createdAt: '2026-11-24T02:00:00.000Z',
  frontiers: [],
  trials: [],
  trialsLeftOut: 0,
  devices: [],
};
const guide: Guide = {
  model: { id: 'mod_00000001', name: 'net', bytes: 1, parameters: 1 },
  protocol: 'quick',
  objectives: [],
  lab: report.lab,
  createdAt: report.createdAt,
  metrics: ['latency_p50_ms'],
  devices: [
    {
      device: { id: 'dev_00000001', name: 'bench-pi', type: 'pi', emulated: false },
      entries: [],
      advice: [{ prefer: 'latency_p50_ms', tone: 'sure', name: 'int8-static', reason: 'fastest: 7.9 ms' }],
      gaps: [{ kind: 'metric', text: 'energy: no sensor' }],
    },
  ],
};

describe('verbs that hand on', () => {
  it('[REP-15] `report` writes the files that were asked for, each whole; without any it shows the report here', async () => {
    const wish = ['--html', 'a.html', '--markdown', 'b.md', '--junit', 'c.xml', '--gate', 'gate_1'];
    const written = await hilltop(() => ({ json: 'body' }), 'report', 'night', ...wish, '--json');
    expect(written.asked).toEqual(
      ['html', 'markdown', 'junit'].map((format) => `/sweeps/night/report?gate=gate_1&format=${format}`),
    );
    expect(JSON.parse(written.out).files).toEqual({
      html: join(folder, 'a.html'),
      markdown: join(folder, 'b.md'),
      junit: join(folder, 'c.xml'),
    });
    expect([written.status, (await readdir(folder)).sort(), await readFile(join(folder, 'b.md'), 'utf8')]).toEqual([
      0,
      ['a.html', 'b.md', 'c.xml'],
      '"body"',
    ]);
    await lab.close();
    const shown = await hilltop(() => ({ json: report }), 'report', 'night', '--json');
    expect([shown.status, JSON.parse(shown.out)]).toEqual([0, report]);
  });

  it('[REP-15] a refusal leaves no file behind', async () => {
    const refused = await hilltop(() => new LabError('sweep.unknown', 'none'), 'report', 'night', '--html', 'a.html');
    expect([refused.status, await readdir(folder)]).toEqual([1, []]);
  });

  it('[GUIDE-10] `guide` shows what to take and what is not known, or writes the page', async () => {
    const shown = await hilltop(() => ({ json: guide }), 'guide', '-m', 'net', '--protocol', 'quick');
    expect(shown.asked).toEqual(['/guides/net?protocol=quick&format=json']);
    for (const part of ['bench-pi', 'int8-static', 'fastest: 7.9 ms', 'not known: energy: no sensor'])
      expect(shown.out).toContain(part);
    await lab.close();
    await hilltop(() => ({ json: 'page' }), 'guide', '-m', 'net', '--html', 'g.html');
    expect(await readdir(folder)).toEqual(['g.html']);
  });

  it('[EXP-9] `export` streams to standard output, or to a file that appears whole', async () => {
    const printed = await hilltop(
      () => ({ json: ['a'] }),
      'export',
      'runs',
      '-m',
      'net',
      '-d',
      'a',
      '-d',
      'b',
      '--json',
    );
    expect([printed.asked, printed.out]).toEqual([['/exports/runs?format=json&model=net&device=a%2Cb'], '["a"]']);
    await lab.close();
    const saved = await hilltop(
      () => ({ json: ['a'] }),
      'export',
      'observations',
      '--run',
      'run_1',
      '-o',
      'o.csv',
      '--json',
    );
    expect([JSON.parse(saved.out), await readdir(folder)]).toEqual([
      { file: join(folder, 'o.csv'), bytes: 5 },
      ['o.csv'],
    ]);
  });

  it('[EXP-9] what an export cannot mean is wrong use', () => {
    const runs = (given: Record<string, string[]>) => runExportQuery(new Options('export runs', given));
    expect(runs({ since: ['2026-11-01'] })).toMatchObject({ since: '2026-11-01T00:00:00.000Z' });
    expect(runs({ since: ['2026-11-01T18:00:00+01:00'] })).toMatchObject({ since: '2026-11-01T17:00:00.000Z' });
    for (const since of ['yesterday', '2026-13-01', '1'])
      expect([since, codeOf(() => runs({ since: [since] }))]).toEqual([since, 'usage.invalid']);
    const observations = (given: Record<string, string[]>) =>
      observationExportQuery(new Options('export observations', given));
    expect(observations({ run: ['r'], kind: ['power'] })).toMatchObject({ run: 'r', kind: 'power' });
    const wrong: Array<Record<string, string[]>> = [
      {},
      { run: ['r'], sweep: ['s'] },
      { run: ['r'], kind: ['console'] },
    ];
    for (const given of wrong) expect(codeOf(() => observations(given))).toBe('usage.invalid');
  });
});
