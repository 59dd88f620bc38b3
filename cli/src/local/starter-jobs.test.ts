import { findRecipe } from '@hilltop/compression';
import { JobCreate, LabError } from '@hilltop/contracts';
import { afterEach, describe, expect, it } from '@jest/globals';
import { LabClient } from '../lab/client.js';
import { hashFile } from '../lab/upload.js';
import { type HttpLab, startHttpLab } from '../testing/http-lab.js';
import { memoryTerminal } from '../testing/memory-terminal.js';
import { sampleDevice, sampleFrontier, sampleJob, sampleModel, sampleRun } from '../testing/samples.js';
import { emulatedBoard } from './agent-process.js';
import { entryPoints } from './entry-points.js';
import { boardJob, noFrontier, runStarterJob, starterJobs } from './starter-jobs.js';

let lab: HttpLab | undefined;
afterEach(async () => {
  await lab?.close();
  lab = undefined;
});

const [main] = starterJobs;
const page = (items: unknown[]) => ({ json: { items } });

describe('starter jobs', () => {
  it('[DEMO-1] one that has ended is found again, and nothing is started', async () => {
    const sha256 = await hashFile(`${entryPoints.sampleModels}/${main.model}.onnx`);
    const device = sampleDevice();
    const before = sampleJob({ name: main.name, selector: { devices: [device.id], labels: {} } });
    lab = await startHttpLab(({ path }) => {
      if (path === '/api/v1/models') return page([sampleModel({ sha256 })]);
      return path === '/api/v1/jobs' ? page([before]) : { json: sampleFrontier() };
    });
    const { job, frontier } = await runStarterJob(new LabClient({ url: lab.url }), main, device, memoryTerminal());
    expect([job.id, frontier?.modelName]).toEqual([before.id, 'net']);
    expect(lab.received.filter((request) => request.method !== 'GET')).toEqual([]);
  });

  it('[DEMO-1] starts one with a key of its own when there is none, with the recipes that the lab knows', async () => {
    const sha256 = await hashFile(`${entryPoints.sampleModels}/${main.model}.onnx`);
    const device = sampleDevice();
    lab = await startHttpLab(({ method, path }) => {
      if (path === '/api/v1/models') return page([sampleModel({ sha256 })]);
      if (path === '/api/v1/variants') return page([]);
      if (path === '/api/v1/recipes')
        return page([
          {
            id: 'x',
            name: 'fp32',
            title: '',
            description: '',
            steps: [],
            needsCalibration: false,
            needsValidation: false,
          },
        ]);
      if (path === '/api/v1/jobs')
        return method === 'POST' ? { json: sampleJob() } : page([sampleJob({ name: 'of somebody else' })]);
      return { json: sampleFrontier() };
    });
    await runStarterJob(new LabClient({ url: lab.url }), main, device, memoryTerminal());
    const posts = lab.received.filter((request) => request.method === 'POST');
    // Nothing is built while the device measures.
    expect(posts.map((request) => request.path)).toEqual(['/api/v1/variants', '/api/v1/jobs']);
    const posted = posts.at(-1);
    expect(posted?.headers['idempotency-key']).toBe(`hilltop-demo:${main.name}:mod_00000001:${device.id}:0`);
    expect(JSON.parse(String(posted?.body))).toEqual({
      name: main.name,
      model: 'mod_00000001',
      recipes: ['fp32'],
      selector: { devices: [device.id], labels: {} },
      protocol: 'quick',
    });
  });

  it("[DEMO-2] a name that somebody else's model has is left alone", async () => {
    lab = await startHttpLab(({ method, path, body }) => {
      if (path === '/api/v1/models')
        return method === 'POST'
          ? { json: sampleModel({ name: JSON.parse(String(body)).name }) }
          : page([sampleModel({ name: main.model })]);
      if (path === '/api/v1/uploads') {
        const { sha256, bytes } = JSON.parse(String(body));
        return { json: { id: 'upl_00000001', sha256, bytes, offset: bytes, complete: true } };
      }
      if (path === '/api/v1/variants') return page([]);
      if (path === '/api/v1/recipes') return page([]);
      return path === '/api/v1/jobs'
        ? method === 'POST'
          ? { json: sampleJob() }
          : page([])
        : { json: sampleFrontier() };
    });
    await runStarterJob(new LabClient({ url: lab.url }), main, sampleDevice(), memoryTerminal());
    const posted = lab.received.find((request) => request.method === 'POST' && request.path === '/api/v1/models');
    expect(JSON.parse(String(posted?.body)).name).toBe(`${main.model}-sample`);
  });

  it('[DEMO-3] asks again only for what the infrastructure kept from succeeding', async () => {
    const sha256 = await hashFile(`${entryPoints.sampleModels}/${main.model}.onnx`);
    const device = sampleDevice();
    const error = { code: 'run.lost', message: 'gone', cause: 'infrastructure' as const };
    const before = sampleJob({
      name: main.name,
      state: 'failed',
      recipes: ['fp32', 'int8-static'],
      selector: { devices: [device.id], labels: {} },
      devices: [{ deviceId: device.id, deviceName: device.name, total: 2, done: 2, failed: 1, error }],
    });
    const recipe = { id: 'x', title: '', description: '', steps: [], needsCalibration: false, needsValidation: false };
    lab = await startHttpLab(({ method, path }) => {
      if (path === '/api/v1/models') return page([sampleModel({ sha256 })]);
      if (path === '/api/v1/variants') return page([]);
      if (path === '/api/v1/recipes') return page(before.recipes.map((name) => ({ ...recipe, name })));
      if (path === '/api/v1/runs') return page([sampleRun({ recipe: 'fp32' })]);
      if (path === '/api/v1/jobs') return method === 'POST' ? { json: sampleJob() } : page([before]);
      return { json: sampleFrontier() };
    });
    await runStarterJob(new LabClient({ url: lab.url }), main, device, memoryTerminal());
    const posted = lab.received.find((request) => request.method === 'POST' && request.path === '/api/v1/jobs');
    expect(JSON.parse(String(posted?.body)).recipes).toEqual(['int8-static']);
  });

  it('[DEMO-4] one that brought no point says why and is no failure of the demo', async () => {
    const sha256 = await hashFile(`${entryPoints.sampleModels}/${boardJob.model}.onnx`);
    const device = sampleDevice({ name: 'pico', kind: 'microcontroller', emulated: true });
    const error = { code: 'plan.unsupported', message: 'conv1', cause: 'user' as const };
    const before = sampleJob({
      name: boardJob.name,
      state: 'failed',
      selector: { devices: [device.id], labels: {} },
      devices: [{ deviceId: device.id, deviceName: device.name, total: 1, done: 1, failed: 1, error }],
    });
    lab = await startHttpLab(({ path }) => {
      if (path === '/api/v1/models') return page([sampleModel({ sha256 })]);
      return path === '/api/v1/jobs' ? page([before]) : new LabError('frontier.no-points', 'none');
    });
    const result = await runStarterJob(new LabClient({ url: lab.url }), boardJob, device, memoryTerminal());
    expect([result.frontier, noFrontier(result)]).toEqual([
      undefined,
      'starter-pico brought no point on pico: plan.unsupported: conv1',
    ]);
  });

  it('[DEMO-4] the emulated board is waited for, a sick or missing one is left out with the reason', async () => {
    const host = sampleDevice();
    const board = sampleDevice({ id: 'dev_00000002', kind: 'microcontroller', emulated: true, state: 'preparing' });
    let devices = [host];
    let seen = 0;
    lab = await startHttpLab(() => {
      seen += 1;
      if (seen === 2) devices = [host, board];
      if (seen === 3) devices = [host, { ...board, state: 'available' }];
      return page(devices);
    });
    const client = new LabClient({ url: lab.url });
    let ms = 0;
    const sleep = async (wait: number): Promise<void> => {
      ms += wait;
    };
    const terminal = { ...memoryTerminal(), now: () => ms, sleep };
    const found = await emulatedBoard(client, host, terminal);
    expect([found, seen]).toMatchObject([{ device: { id: board.id, state: 'available' } }, 3]);
    devices = [host, { ...board, state: 'unhealthy', stateReason: 'silent' }];
    expect(await emulatedBoard(client, host, terminal)).toEqual({ lack: 'silent' });
    devices = [host, { ...board, agentId: 'another' }];
    expect(await emulatedBoard(client, host, terminal)).toEqual({ lack: expect.stringContaining('30 s') });
  });

  it("[DEMO-5] the board's job names a number of items, so that all its variants get the same", async () => {
    const sha256 = await hashFile(`${entryPoints.sampleModels}/${boardJob.model}.onnx`);
    const recipe = { id: 'x', title: '', description: '', steps: [], needsCalibration: false, needsValidation: false };
    lab = await startHttpLab(({ method, path }) => {
      if (path === '/api/v1/models') return page([sampleModel({ sha256 })]);
      if (path === '/api/v1/recipes') return page(boardJob.recipes.map((name) => ({ ...recipe, name })));
      if (path === '/api/v1/jobs') return method === 'POST' ? { json: sampleJob() } : page([]);
      return path === '/api/v1/variants' ? page([]) : { json: sampleFrontier() };
    });
    await runStarterJob(new LabClient({ url: lab.url }), boardJob, sampleDevice(), memoryTerminal());
    const posted = lab.received.find((request) => request.method === 'POST' && request.path === '/api/v1/jobs');
    const { evaluationItems, recipes } = JobCreate.parse(JSON.parse(String(posted?.body)));
    expect(evaluationItems).toBeGreaterThanOrEqual(64);
    expect(recipes).toHaveLength(boardJob.recipes.length);
  });

  it('[DEMO-1] asks for jobs that a lab accepts', () => {
    const valid = starterJobs.map(
      ({ name, recipes }) => JobCreate.safeParse({ name, model: 'm', recipes: [...recipes] }).success,
    );
    expect(valid).toEqual(starterJobs.map(() => true));
  });

  it('[DEMO-1] names shipped recipes only', () => {
    const recipes = [...starterJobs, boardJob].flatMap((job) => job.recipes);
    expect(recipes.map((recipe) => findRecipe(recipe).name)).toEqual(recipes);
  });
});
