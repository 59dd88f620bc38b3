import { encodeColumns, type JournalEvent, type RunExportQuery } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InlinePool } from '../links/testing/inline-pool.js';
import { ModelService } from '../models/model.service.js';
import { RunEntity } from '../runs/run.entity.js';
import { ended, started } from '../runs/testing/events.js';
import { RunBench } from '../runs/testing/run-bench.js';
import { SweepEntity } from '../sweeps/sweep.entity.js';
import { TrialEntity } from '../sweeps/trial.entity.js';
import { ExportService } from './export.service.js';
import { exportObservationsWork } from './export-observations-task.js';
import type { Piece } from './write-down.js';

const at = '2026-11-24T02:00:00.000Z';

async function textOf(pieces: AsyncIterable<Piece>): Promise<string> {
  const parts: string[] = [];
  for await (const piece of pieces) parts.push(Buffer.from(piece as string).toString());
  return parts.join('');
}
const csv = (text: string): Array<Record<string, string>> => {
  const [heading, ...lines] = text.trimEnd().split('\r\n');
  const names = heading!.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [names[i]!, cell])));
};

describe('exports', () => {
  let bench: RunBench;
  let service: ExportService;
  let pool: InlinePool;

  const measured = (held: { runId: string; fence: number }): JournalEvent[] => [
    started(held),
    ...[0, 1].map(
      (block): JournalEvent => ({
        type: 'run.observed',
        observations: {
          ...held,
          seq: block,
          kind: 'latency',
          block,
          ...encodeColumns('latency', { latency_ms: [1 + block, Number.NaN] }),
        },
      }),
    ),
    ended(held, 2),
  ];
  const runs = async (query: Partial<RunExportQuery> = {}): Promise<string> =>
    textOf(await service.runs({ format: 'csv', ...query }));
  const ids = async (query: Partial<RunExportQuery>): Promise<string[]> =>
    csv(await runs(query)).map(({ run }) => run!);

  beforeEach(async () => {
    bench = await RunBench.start();
    await bench.model(['fp32', 'int8']);
    await bench.agents('pi-a', 'pi-b');
    pool = new InlinePool({ 'export-observations': exportObservationsWork });
    // Only `find` is asked of it here.
    const models = Object.assign(Object.create(ModelService.prototype), { database: bench.database }) as ModelService;
    service = new ExportService(bench.database, bench.devices, models, bench.blobs, pool);
    await bench.job('job_00000001', { devices: ['pi-a'], recipes: ['fp32'] });
    await bench.job('job_00000002', { devices: ['pi-b'], recipes: ['int8'] });
    for (const agent of ['pi-a', 'pi-b']) {
      const { runId, fence } = bench.start(agent);
      await bench.journal(agent, ...measured({ runId, fence }));
    }
    await bench.settled();
    await bench.database.write(async (manager) => {
      const [first, second] = await manager.find(RunEntity, { order: { position: 'ASC' } });
      const value = { value: 1.5, low: 1.4, high: 1.6, n: 5, unit: 'ms' };
      await manager.update(
        RunEntity,
        { id: first!.id },
        { state: 'succeeded', endedAt: at, metrics: { latency_p50_ms: value } },
      );
      await manager.update(
        RunEntity,
        { id: second!.id },
        {
          state: 'failed',
          endedAt: '2026-11-25T02:00:00.000Z',
          error: { code: 'run.crashed', message: '=1+1', cause: 'user' },
        },
      );
    });
  });
  afterEach(() => bench.close());

  it('[EXP-3] ended runs stand in one table whose columns are always the same, units in their names', async () => {
    const rows = csv(await runs());
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({
      recipe: 'fp32',
      device: 'pi-a',
      state: 'succeeded',
      latency_p50_ms: '1.5',
      latency_p50_ms_low: '1.4',
      latency_p50_ms_high: '1.6',
      latency_p50_ms_n: '5',
      energy_mj: '',
    });
    expect(rows[1]).toMatchObject({
      state: 'failed',
      error_code: 'run.crashed',
      error_message: "'=1+1",
      latency_p50_ms: '',
    });
  });

  it('[EXP-4] filters hold together: model, device, since, sweep', async () => {
    const [first, second] = (await bench.runs()).map(({ id }) => id);
    await bench.database.write(async (manager) => {
      const file = {} as SweepEntity['file'];
      const common = { position: 1, name: 'night', file, revision: 1, state: 'succeeded' as const, createdAt: at };
      await manager.insert(SweepEntity, {
        ...common,
        id: 'swp_00000001',
        objectives: [],
        plan: { recipes: [], objectives: {}, places: [], leftOut: [] } as unknown as SweepEntity['plan'],
        actor: { tokenId: 't', role: 'operator', name: 'mira' } as SweepEntity['actor'],
      });
      await manager.insert(TrialEntity, {
        id: 'tri_00000001',
        sweepId: 'swp_00000001',
        number: 1,
        modelId: 'mod_00000001',
        recipe: 'int8',
        settings: { threads: 1, graphLevel: 'all' },
        settingsKey: 'k',
        pointKey: 'k',
        deviceId: 'd',
        deviceName: 'pi-b',
        protocol: 'quick',
        replicate: 1,
        state: 'failed',
        reason: 'grid',
        why: 'grid',
        jobId: 'job_00000002',
        metrics: {},
        runs: 1,
        proposedAt: at,
      });
    });
    expect(await ids({})).toEqual([first, second]);
    expect(await ids({ model: 'net', device: 'pi-b' })).toEqual([second]);
    expect(await ids({ device: 'pi-a,pi-b', since: '2026-11-24T12:00:00.000Z' })).toEqual([second]);
    expect(await ids({ sweep: 'swp_00000001' })).toEqual([second]);
    expect(await ids({ sweep: 'swp_00000001', device: 'pi-a' })).toEqual([]);
  });

  it('[EXP-5] the same runs as JSON are the runs that the API shows, in one array or a line each', async () => {
    const whole = JSON.parse(await textOf(await service.runs({ format: 'json' }))) as Array<{ id: string }>;
    const lines = (await textOf(await service.runs({ format: 'ndjson' }))).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(whole);
    expect(whole).toMatchObject([{ modelName: 'net', emulated: false, deviceName: 'pi-a' }, { deviceName: 'pi-b' }]);
    await bench.database.write((manager) =>
      manager.update(RunEntity, { modelId: 'mod_00000001' }, { state: 'queued' }),
    );
    expect(JSON.parse(await textOf(await service.runs({ format: 'json' })))).toEqual([]);
  });

  it('[EXP-6] observations come row by row with run, attempt and block; what is not known is empty or absent', async () => {
    const [{ id: run } = { id: '' }] = await bench.runs();
    const of = async (format: 'csv' | 'json' | 'ndjson'): Promise<string> =>
      textOf(await service.observations({ format, kind: 'latency', run }));
    expect(await of('csv')).toBe(
      `run,attempt,block,latency_ms\r\n${run},1,0,1\r\n${run},1,0,\r\n${run},1,1,2\r\n${run},1,1,\r\n`,
    );
    const rows = [
      { run, attempt: 1, block: 0, latency_ms: 1 },
      { run, attempt: 1, block: 0 },
      { run, attempt: 1, block: 1, latency_ms: 2 },
      { run, attempt: 1, block: 1 },
    ];
    expect(JSON.parse(await of('json'))).toEqual(rows);
    expect(
      (await of('ndjson'))
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(rows);
    expect(JSON.parse(await textOf(await service.observations({ format: 'json', kind: 'power', run })))).toEqual([]);
  });

  it('[EXP-7] runs are read a page at a time while they are sent', async () => {
    await bench.database.write(async (manager) => {
      const [row] = await manager.find(RunEntity, { order: { position: 'ASC' }, take: 1 });
      for (let i = 0; i < 450; i++)
        await manager.insert(RunEntity, { ...row!, id: `run_extra${String(i).padStart(4, '0')}`, position: 1000 + i });
    });
    const pieces: Piece[] = [];
    for await (const piece of await service.runs({ format: 'ndjson' })) pieces.push(piece);
    expect(pieces.map((piece) => String(piece).trimEnd().split('\n').length)).toEqual([200, 200, 52]);
    const some = await service.runs({ format: 'csv' });
    await some.next();
    await expect(some.return(undefined)).resolves.toMatchObject({ done: true });
  });

  it('[EXP-8] what cannot be exported is refused before anything is sent', async () => {
    const refusals = [
      service.runs({ format: 'csv', device: 'nobody' }),
      service.runs({ format: 'csv', sweep: 'swp_nothing0' }),
      service.observations({ format: 'csv', kind: 'latency' }),
      service.observations({ format: 'csv', kind: 'latency', run: 'run_x', sweep: 'swp_x' }),
      service.observations({ format: 'csv', kind: 'latency', run: 'run_nothing0' }),
    ];
    const codes = await Promise.all(refusals.map((refusal) => refusal.catch((error: { code: string }) => error.code)));
    expect(codes).toEqual(['device.unknown', 'sweep.unknown', 'request.invalid', 'request.invalid', 'run.unknown']);
  });
});
