import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LabError } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runCli } from '../run-cli.js';
import { type Answer, type HttpLab, type Received, startHttpLab } from '../testing/http-lab.js';
import { memoryTerminal } from '../testing/memory-terminal.js';
import { sampleGate, sampleRow } from '../testing/sample-gate.js';

let lab: HttpLab | undefined;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hilltop-gate-'));
});
afterEach(async () => {
  await lab?.close();
  lab = undefined;
  await rm(folder, { recursive: true });
});

async function hilltop(answers: (request: Received) => Answer, ...argv: readonly string[]) {
  lab = await startHttpLab(answers);
  const terminal = memoryTerminal({ env: { HILLTOP_URL: lab.url, HILLTOP_TOKEN: 'hlt_usr_x' } });
  const status = await runCli([...argv], terminal);
  const asked = lab.received.map(({ method, path }) => `${method} ${path.replace('/api/v1', '')}`);
  const bodies = lab.received.flatMap(({ body }) => (body.length > 0 ? [JSON.parse(body.toString('utf8'))] : []));
  return { status, asked, bodies, ...terminal.written };
}
const always = (json: unknown) => (): Answer => ({ json });

describe('gate verbs', () => {
  it('[GATE-19] `gate` asks for what was asked and exits 0, 1 or 3 by what the lab says', async () => {
    const wish = ['gate', 'nightly', '--baseline', 'v1.2', '--max-regression', '0.5%', '--metric', 'accuracy'];
    const same = await hilltop(always(sampleGate()), ...wish, '--json');
    expect(same).toMatchObject({
      status: 0,
      asked: ['POST /gates'],
      bodies: [{ sweep: 'nightly', baseline: 'v1.2', maxRegression: 0.005, metrics: ['accuracy'] }],
    });
    expect(JSON.parse(same.out)).toEqual(sampleGate());
    await lab?.close();
    for (const [verdict, status] of [
      ['worse', 1],
      ['inconclusive', 3],
      ['improved', 0],
    ] as const) {
      const gate = sampleGate([sampleRow({ verdict })], { verdict });
      expect((await hilltop(always(gate), 'gate', 'nightly', '--baseline', 'v1.2')).status).toBe(status);
      await lab?.close();
    }
    const nothing = await hilltop(() => new LabError('gate.no-overlap', 'nothing'), 'gate', 'n', '--baseline', 'v1');
    expect(nothing.status).toBe(3);
  });

  it('[GATE-19] wrong use is 2, before anything is asked', async () => {
    for (const wrong of [
      ['gate', 'nightly'],
      ['gate', 'nightly', '--baseline', 'v1', '--max-regression', '1'],
      ['gate', 'nightly', '--baseline', 'v1', '--max-regression', '200%'],
      ['gate', 'nightly', '--baseline', 'v1', '--metric', 'speed'],
      ['gate', 'accept', 'gate_00000001', 'first'],
      ['gate', 'reopen', 'gate_00000001', '1'],
    ]) {
      expect(await hilltop(always({}), ...wrong)).toMatchObject({ status: 2, asked: [] });
      await lab?.close();
    }
  });

  it('[GATE-19] JUnit and Markdown are written beside it', async () => {
    const [junit, markdown] = [join(folder, 'gate.xml'), join(folder, 'gate.md')];
    const answers = ({ path, query }: Received): Answer => ({
      json: path.endsWith('/report') ? query.get('format') : sampleGate(),
    });
    const run = await hilltop(answers, 'gate', 'show', 'gate_00000001', '--junit', junit, '--markdown', markdown);
    expect(run.asked).toEqual(['GET /gates/gate_00000001', ...Array(2).fill('GET /gates/gate_00000001/report')]);
    expect([await readFile(junit, 'utf8'), await readFile(markdown, 'utf8')]).toEqual(['"junit"', '"markdown"']);
  });

  it('[GATE-19] the table says what changed by how much, worst first, with what would settle the rest', async () => {
    const rows = [
      sampleRow(),
      sampleRow({ row: 2, recipe: 'prune-50', verdict: 'worse', change: 1.0312, low: 1.0252, high: 1.0371 }),
      sampleRow({
        row: 3,
        metric: 'accuracy',
        scale: 'difference',
        value: 0.9,
        baseline: 0.91,
        change: -0.01,
        low: -0.02,
        high: 0.001,
        verdict: 'inconclusive',
        doubt: 'noise',
        note: 'more items',
      }),
      sampleRow({
        row: 4,
        metric: 'size_bytes',
        unit: 'bytes',
        value: 1000,
        baseline: 1000,
        change: 1,
        low: 1,
        high: 1,
        test: 'exact',
      }),
    ];
    const gate = sampleGate(rows, {
      verdict: 'worse',
      environment: [
        {
          modelName: 'net',
          deviceId: 'dev_00000001',
          deviceName: 'pi',
          metric: 'latency_p50_ms',
          recipe: 'fp32',
          ratio: 1.02,
          low: 1.015,
          high: 1.025,
          severe: false,
        },
      ],
      missing: [
        {
          modelId: 'mod_00000001',
          modelName: 'net',
          recipe: 'fp16',
          settings: { threads: 2, graphLevel: 'all' },
          deviceId: 'dev_00000001',
          deviceName: 'pi',
          in: 'sweep',
          reason: 'not-clean',
        },
      ],
    });
    const { out, status } = await hilltop(always(gate), 'gate', 'show', gate.id);
    expect(status).toBe(1);
    expect(
      out
        .split('\n')
        .filter((line) => /^ *\d /.test(line))
        .map((line) => line.trim().split(/\s+/)[0]),
    ).toEqual(['2', '3', '1', '4']);
    for (const text of ['+3.12 %', '+2.52 .. +3.71', '-1.00 points', 'exact', 'row 3: more items', 'fp16, 2 threads'])
      expect(out).toContain(text);
    expect(out).toMatch(/environment: fp32 of net on pi .*\+2\.00 %/);
  });

  it('[GATE-19] `gate accept` says whose word stands; baselines are pinned, listed and forgotten', async () => {
    const accepted = await hilltop(always(sampleGate()), 'gate', 'accept', 'gate_00000001', '3', '--comment', 'right');
    expect(accepted).toMatchObject({
      status: 0,
      asked: ['POST /gates/gate_00000001/rows/3/decision'],
      bodies: [{ state: 'accepted', comment: 'right' }],
    });
    await lab?.close();
    const taken = await hilltop(() => new LabError('gate.decided', 'taken'), 'gate', 'accept', 'gate_00000001', '3');
    expect(taken.status).toBe(1);
    await lab?.close();
    const baseline = {
      ...{ id: 'base_00000001', name: 'v1', sweepId: 'swp_00000001', sweepName: 'nightly' },
      createdAt: '2026-03-01T11:00:00.000Z',
    };
    const pin = await hilltop(always(baseline), 'baseline', 'pin', 'v1', 'nightly', '--replace');
    expect(pin.bodies).toEqual([{ name: 'v1', sweep: 'nightly', replace: true }]);
    await lab?.close();
    const list = await hilltop(always({ items: [baseline] }), 'baseline', 'ls');
    expect([list.status, list.out.includes('nightly (swp_00000001)')]).toEqual([0, true]);
  });
});
