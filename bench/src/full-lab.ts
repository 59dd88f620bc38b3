import { join } from 'node:path';
import Libsql from 'libsql';
import type { TestLab } from '../../test/support/lab.js';
import { SimAgent } from './sim-agent.js';

export interface FullLabOptions {
  readonly devices: number;
  readonly runs: number;
}

/** Runs of a copied job. */
const runsOfJob = 20;

type Row = Record<string, unknown>;

/**
 * Fills a lab as months of use would: devices join through the protocol and leave; a real agent measures the sample under three
 * recipes; then the coordinator is stopped and the rows of these runs are copied, spread over all devices. Only for benches of
 * size: a copy measures nothing new.
 */
export async function fillLab(lab: TestLab, { devices, runs }: FullLabOptions): Promise<void> {
  const token = await lab.joinToken(devices);
  for (let i = 0; i < devices; i++) {
    const agent = await SimAgent.join({ url: lab.url, token, name: `bench-${String(i).padStart(3, '0')}` });
    await agent.connect();
    await agent.close();
  }
  const model = await lab.pushSample('sample');
  await lab.agent('bench-real');
  const real = await lab.device('bench-real');
  const job = await lab.submit({
    model: model.id,
    recipes: ['fp32', 'int8-dynamic', 'int8-static'],
    selector: { devices: [real.id], labels: {} },
    protocol: 'quick',
    evaluationItems: 64,
  });
  await lab.ended(job.id);
  await Promise.all(lab.agents.splice(0).map((agent) => agent.stop()));
  await lab.server.stop();
  copyRuns(join(lab.data, 'hilltop.db'), runs);
  await lab.start();
}

/** Copies jobs, runs, attempts and summaries until there are `wanted` runs. */
function copyRuns(file: string, wanted: number): void {
  const database = new Libsql(file);
  const all = (sql: string): Row[] => database.prepare(sql).all() as Row[];
  const insert = (table: string, row: Row): void => {
    const columns = Object.keys(row);
    database
      .prepare(
        `INSERT INTO "${table}" (${columns.map((c) => `"${c}"`).join()}) VALUES (${columns.map(() => '?').join()})`,
      )
      .run(...columns.map((c) => row[c]));
  };
  const [job] = all('SELECT * FROM job');
  const runs = all(`SELECT * FROM run WHERE state = 'succeeded' ORDER BY position`);
  const devices = all('SELECT * FROM device ORDER BY name');
  const byRun = (table: string): Map<unknown, Row> =>
    new Map(all(`SELECT * FROM ${table}`).map((row) => [row.runId, row]));
  const attempts = byRun('attempt');
  const summaries = byRun('summary');
  let position = Number(all('SELECT max(position) AS p FROM run')[0]!.p);
  let jobPosition = Number(all('SELECT max(position) AS p FROM job')[0]!.p);
  const fences = new Map(devices.map((device) => [device.id, Number(device.fence)]));
  database.exec('BEGIN');
  let jobId = '';
  for (let n = runs.length; n < wanted; n++) {
    if ((n - runs.length) % runsOfJob === 0) {
      jobId = `job_copy${String(n).padStart(8, '0')}`;
      insert('job', { ...job, id: jobId, position: ++jobPosition });
    }
    const run = runs[n % runs.length]!;
    const device = devices[n % devices.length]!;
    const runId = `run_copy${String(n).padStart(8, '0')}`;
    const fence = fences.get(device.id)! + 1;
    fences.set(device.id, fence);
    insert('run', { ...run, id: runId, position: ++position, jobId, deviceId: device.id, fence, repeatOf: null });
    insert('attempt', { ...attempts.get(run.id), runId, deviceId: device.id, agentId: device.agentId, fence });
    insert('summary', { ...summaries.get(run.id), runId });
  }
  for (const [id, fence] of fences) database.prepare('UPDATE device SET fence = ? WHERE id = ?').run(fence, id);
  database.exec('COMMIT');
  database.close();
}
