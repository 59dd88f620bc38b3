import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LabError, type RunError } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sweepStatus } from '../lab/follow-sweep.js';
import { runCli } from '../run-cli.js';
import { type Answer, type HttpLab, type Received, startHttpLab } from '../testing/http-lab.js';
import { memoryTerminal } from '../testing/memory-terminal.js';
import { sampleSweep, sampleTrial } from '../testing/sample-sweep.js';

let lab: HttpLab | undefined;
let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hilltop-sweep-'));
  file = join(folder, 'nightly.yaml');
  await writeFile(file, 'name: nightly\nmodels: [net]\nrecipes: [fp32]\n');
});
afterEach(async () => {
  await lab?.close();
  lab = undefined;
  await rm(folder, { recursive: true });
});

const page = (items: readonly unknown[]): Answer => ({ json: { items } });
const unknown = new LabError('sweep.unknown', 'no such sweep');

/** Runs a command line against a lab that answers by path; what it was asked, as `METHOD path`. */
async function hilltop(answers: (request: Received) => Answer, ...argv: readonly string[]) {
  lab = await startHttpLab(answers);
  const terminal = memoryTerminal({ env: { HILLTOP_URL: lab.url, HILLTOP_TOKEN: 'hlt_usr_x' } });
  const status = await runCli([...argv], terminal);
  const asked = lab.received.map(({ method, path }) => `${method} ${path.replace('/api/v1', '')}`);
  const bodies = lab.received.flatMap(({ body }) => (body.length > 0 ? [JSON.parse(body.toString('utf8'))] : []));
  return { status, asked, bodies, ...terminal.written };
}

describe('sweep verbs', () => {
  it('[SFILE-7] `sweep run` sends the file as it is written, under another name where one is given', async () => {
    const created: Answer = { json: sampleSweep({ name: 'tuesday' }) };
    const run = await hilltop(() => created, 'sweep', 'run', file, '--name', 'tuesday', '--json');
    expect(run).toMatchObject({
      status: 0,
      asked: ['POST /sweeps'],
      bodies: [{ file: { name: 'tuesday', models: ['net'], recipes: ['fp32'] } }],
      err: '',
    });
    expect(JSON.parse(run.out)).toEqual(sampleSweep({ name: 'tuesday' }));
  });

  it('[SFILE-7] `sweep run --dry-run` asks for a preview and makes nothing', async () => {
    const preview = { points: 1, places: [], leftOut: [], recipes: ['fp32'] };
    const run = await hilltop(() => ({ json: preview }), 'sweep', 'run', file, '--dry-run', '--json');
    expect([run.status, run.asked, JSON.parse(run.out)]).toEqual([0, ['POST /sweeps/preview'], preview]);
  });

  it('[SFILE-2] a wrong file is refused before anything is sent, with each place', async () => {
    await writeFile(file, 'name: nightly\nmodels: net\nrecipes: [fp32]\n');
    const run = await hilltop(() => page([]), 'sweep', 'run', file);
    expect([run.status, run.asked]).toEqual([1, []]);
    expect(run.err).toContain(`${file}:2:9: models: expected a list, not "net"`);
  });

  it('[SFILE-8] a name stands for the newest sweep of that name', async () => {
    const old = sampleSweep({ id: 'swp_00000000', createdAt: '2026-02-01T11:00:00.000Z' });
    const run = await hilltop(
      ({ path }) => {
        if (path.endsWith('/pause')) return { json: sampleSweep({ state: 'paused' }) };
        return path.endsWith('/nightly') ? unknown : page([old, sampleSweep()]);
      },
      'sweep',
      'pause',
      'nightly',
    );
    expect(run).toMatchObject({
      status: 0,
      asked: ['GET /sweeps/nightly', 'GET /sweeps', 'POST /sweeps/swp_00000001/pause'],
    });
    expect(run.out).toContain('nightly is paused');
    await lab?.close();
    const none = await hilltop(
      ({ path }) => (path === '/api/v1/sweeps' ? page([old]) : unknown),
      'sweep',
      'show',
      'nigthly',
    );
    expect(none.status).toBe(1);
    expect(none.err).toContain('did you mean nightly?');
  });

  it('[SFILE-9] `sweep resume` goes on; a changed file is sent first, and a sweep that runs is not resumed', async () => {
    const answer =
      (state: 'paused' | 'running') =>
      ({ method, path }: Received): Answer => ({
        json: sampleSweep({ state: path.endsWith('/resume') ? 'running' : state, revision: method === 'GET' ? 1 : 2 }),
      });
    const resume = async (state: 'paused' | 'running', ...more: string[]) => {
      const { asked, status } = await hilltop(answer(state), 'sweep', 'resume', 'swp_00000001', ...more);
      await lab?.close();
      return [status, ...asked];
    };
    const [get, patch, post] = ['GET', 'PATCH', 'POST'].map(
      (method) => `${method} /sweeps/swp_00000001${method === 'POST' ? '/resume' : ''}`,
    );
    expect(await resume('paused')).toEqual([0, get, post]);
    expect(await resume('paused', file)).toEqual([0, get, patch, post]);
    expect(await resume('running', file)).toEqual([0, get, patch]);
    lab = undefined;
  });

  it('[SFILE-7] `sweep cancel` gives its reason', async () => {
    const run = await hilltop(
      () => ({ json: sampleSweep({ state: 'cancelled' }) }),
      ...['sweep', 'cancel', 'swp_00000001', '--reason', 'wrong model'],
    );
    expect(run).toMatchObject({ status: 0, bodies: [{ reason: 'wrong model' }] });
  });

  it('[SFILE-10] `sweep show --wait` of an ended sweep prints its frontiers and exits with its outcome', async () => {
    const ended = sampleSweep({ state: 'succeeded', endedAt: '2026-03-01T11:30:00.000Z' });
    const frontier = { json: { ...emptyFrontier, model: 'mod_00000001' } };
    const run = await hilltop(
      ({ path }) => {
        if (path.endsWith('/trials')) return page([sampleTrial()]);
        return path.endsWith('/frontier') ? frontier : { json: ended };
      },
      ...['sweep', 'show', 'swp_00000001', '--wait'],
    );
    expect([run.status, run.asked.at(-1)]).toEqual([0, 'GET /frontier']);
    expect(Object.fromEntries(lab!.received.at(-1)!.query)).toEqual({
      model: 'mod_00000001',
      device: 'dev_00000001',
      protocol: 'standard',
      x: 'latency_p50_ms',
      y: 'accuracy',
    });
  });

  it('[SFILE-10] a sweep that only the infrastructure failed is 3, every other end that is no success 1', () => {
    const failed = (cause: RunError['cause']) =>
      sampleTrial({ state: 'failed', error: { code: 'run.lost', message: 'lost', cause } });
    const of = (state: 'succeeded' | 'failed' | 'cancelled', code?: string) => ({
      state,
      ...(code && { error: { code, message: 'x' } }),
    });
    expect([
      sweepStatus(of('succeeded'), [failed('infrastructure')]),
      sweepStatus(of('cancelled'), []),
      sweepStatus(of('failed'), []),
      sweepStatus(of('failed'), [failed('infrastructure'), failed('user')]),
      sweepStatus(of('failed'), [failed('infrastructure'), sampleTrial()]),
      sweepStatus(of('failed', 'lab.internal'), []),
      sweepStatus(of('failed', 'sweep.empty'), []),
    ]).toEqual([0, 1, 1, 1, 3, 3, 1]);
  });
});

const emptyFrontier = {
  modelName: 'net',
  protocol: 'standard',
  objectives: [
    { metric: 'latency_p50_ms', direction: 'min', unit: 'ms' },
    { metric: 'accuracy', direction: 'max', unit: '' },
  ],
  devices: [],
};
