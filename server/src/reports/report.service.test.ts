import { type Gate, LabError, Report, type Sweep } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { GateService } from '../gates/gate.service.js';
import type { LabIdentity } from '../lab/lab-identity.js';
import { ReportService } from './report.service.js';
import { reportWriters } from './report-file.js';
import { NightBench } from './testing/night-bench.js';
import { sampleGate } from './testing/sample-report.js';

const small = { recipes: ['fp32', 'int8-static'] };

describe('what reports say', () => {
  let bench: NightBench;
  let gates: Gate[];
  let reports: ReportService;
  let slowed: number;

  beforeEach(async () => {
    slowed = 1;
    gates = [];
    bench = await NightBench.start(['pi-a'], {
      outcome: ({ recipe }) =>
        recipe === 'fp16'
          ? { error: { code: 'run.crashed', message: 'it fell over', cause: 'user' } }
          : {
              metrics: {
                latency_p50_ms: (recipe === 'fp32' ? 20 : 8) * slowed,
                accuracy: recipe === 'fp32' ? 0.95 : 0.94,
              },
            },
    });
    const stored = {
      list: async ({ sweep }: { sweep?: string }) => ({
        items: gates.filter(({ sweepId }) => sweepId === sweep).reverse(),
      }),
      show: async (id: string) => {
        const gate = gates.find((each) => each.id === id);
        if (!gate) throw new LabError('gate.unknown', 'none');
        return gate;
      },
    } as unknown as GateService;
    const identity = { labId: 'lab_00000001' } as LabIdentity;
    reports = new ReportService(bench.sweeps.runs.database, bench.sweeps.service, stored, bench.frontiers, identity);
  });
  afterEach(() => bench.close());

  const gateOf = (id: string, sweep: Sweep, baseline: Sweep): Gate => {
    const gate = { ...sampleGate(), id, sweepId: sweep.id, baselineSweepId: baseline.id };
    gates.push(gate);
    return gate;
  };
  const latencies = (report: Report): number[] =>
    report.frontiers
      .flatMap(({ frontier }) => frontier.points.map(({ metrics }) => metrics.latency_p50_ms!.value))
      .sort((a, b) => a - b);
  const codeOf = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'nothing thrown',
      (error: { code: string }) => error.code,
    );

  it('[REP-11] a report is of its own sweep alone, whatever was measured since; the baseline stands beside it', async () => {
    const first = await bench.night(small);
    slowed = 1.5;
    const second = await bench.night(small);
    gateOf('gate_00000001', second, first);
    const [one, two] = [await reports.ofSweep(first.id), await reports.ofSweep(second.id)];
    expect([latencies(one), latencies(two)]).toEqual([
      [8, 20],
      [12, 30],
    ]);
    expect(
      two.frontiers.map(({ before }) =>
        before?.points.map(({ metrics }) => metrics.latency_p50_ms!.value).sort((a, b) => a - b),
      ),
    ).toEqual([[8, 20]]);
    expect([one.gate, two.gate?.id, one.frontiers[0]!.before]).toEqual([undefined, 'gate_00000001', undefined]);
  });

  it('[REP-12] it tells trials with their reasons, failures, and what every device ran with', async () => {
    const sweep = await bench.night();
    const report = await reports.ofSweep(sweep.id);
    expect(Report.parse(JSON.parse(JSON.stringify(report)))).toEqual(JSON.parse(JSON.stringify(report)));
    expect(report.trials).toHaveLength(sweep.trials.total);
    expect(
      report.trials.filter(({ state }) => state === 'failed').map(({ recipe, error }) => [recipe, error?.code]),
    ).toEqual([['fp16', 'run.crashed']]);
    expect(report.devices.map(({ name, runs }) => [name, runs.failed, runs.clean])).toEqual([['pi-a', 1, 3]]);
    for (const { write } of Object.values(reportWriters)) expect(write(report).length).toBeGreaterThan(500);
  });

  it('[REP-13] a sweep is found by id, or the newest of its name; its newest gate is taken unless another is named', async () => {
    const first = await bench.night({ recipes: ['fp32'] });
    const second = await bench.night({ recipes: ['fp32'] });
    gateOf('gate_00000001', second, first);
    gateOf('gate_00000002', second, first);
    gateOf('gate_00000003', first, first);
    expect((await reports.ofSweep(second.name)).sweep?.id).toBe(second.id);
    expect((await reports.ofSweep(second.name)).gate?.id).toBe('gate_00000002');
    expect((await reports.ofSweep(second.id, 'gate_00000001')).gate?.id).toBe('gate_00000001');
    expect(await codeOf(reports.ofSweep(second.id, 'gate_00000003'))).toBe('gate.unknown');
    expect(await codeOf(reports.ofSweep(second.id, 'gate_nothing0'))).toBe('gate.unknown');
    expect(await codeOf(reports.ofSweep('nothing'))).toBe('sweep.unknown');
  });

  it('[REP-14] a gate has a report of its own, also when its sweep is gone', async () => {
    const sweep = await bench.night({ recipes: ['fp32'] });
    gateOf('gate_00000001', sweep, sweep);
    expect((await reports.ofGate('gate_00000001')).sweep?.id).toBe(sweep.id);
    gates.push({ ...sampleGate(), id: 'gate_00000002', sweepId: 'swp_gone00000' });
    const gone = await reports.ofGate('gate_00000002');
    expect([gone.title, gone.sweep, gone.frontiers]).toEqual(['nightly', undefined, []]);
    for (const { write } of Object.values(reportWriters)) expect(write(gone)).toContain('release-1.4');
    expect(await codeOf(reports.ofGate('gate_nothing0'))).toBe('gate.unknown');
  });
});
