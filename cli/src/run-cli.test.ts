import { LabError, verbs } from '@hilltop/contracts';
import { afterEach, describe, expect, it } from '@jest/globals';
import { runCli } from './run-cli.js';
import { type HttpLab, startHttpLab } from './testing/http-lab.js';
import { memoryTerminal } from './testing/memory-terminal.js';
import { sampleJob } from './testing/samples.js';
import { handlers } from './verbs/index.js';

let lab: HttpLab | undefined;
afterEach(async () => {
  await lab?.close();
  lab = undefined;
});

describe('runCli', () => {
  it('[CLI-1] implements every verb of the table and nothing else', () => {
    expect(Object.keys(handlers).sort()).toEqual(Object.keys(verbs).sort());
  });

  it('[CLI-2] wrong use ends with 2, says so on standard error and leaves standard output empty', async () => {
    const terminal = memoryTerminal();
    expect(await runCli(['devcies'], terminal)).toBe(2);
    expect(terminal.written.out).toBe('');
    expect(terminal.written.err).toContain('hilltop devices');
  });

  it('[CLI-5] an unreachable lab ends with 3 and says how to start one', async () => {
    const terminal = memoryTerminal({ env: { HILLTOP_URL: 'http://127.0.0.1:9' } });
    expect(await runCli(['devices'], terminal)).toBe(3);
    expect(terminal.written.err).toContain('hilltop up');
  });

  it('[CLI-6] with --json a list is one document on standard output', async () => {
    lab = await startHttpLab(() => ({ json: { items: [] } }));
    const terminal = memoryTerminal({ env: { HILLTOP_URL: lab.url, HILLTOP_TOKEN: 'hlt_usr_x' } });
    expect(await runCli(['devices', '--json'], terminal)).toBe(0);
    expect(terminal.written).toEqual({ out: '[]\n', err: '' });
    expect(lab.received[0]?.headers.authorization).toBe('Bearer hlt_usr_x');
  });

  it('[CLI-6] with --json a refusal is the problem document, status 1', async () => {
    lab = await startHttpLab(() => new LabError('job.unknown', 'no such job', { id: 'job_x' }));
    const terminal = memoryTerminal({ env: { HILLTOP_URL: lab.url } });
    expect(await runCli(['job', 'show', 'job_x', '--json'], terminal)).toBe(1);
    expect(JSON.parse(terminal.written.out)).toEqual({
      type: 'urn:hilltop:error:job.unknown',
      title: 'job unknown',
      status: 404,
      code: 'job.unknown',
      detail: 'no such job',
      details: { id: 'job_x' },
    });
  });

  it('[VAR-8] `run --all-variants` asks for every variant that is not broken by its name, those made elsewhere too', async () => {
    const variant = (recipe: string, change: object) => ({
      id: 'var_00000001',
      modelId: 'mod_00000001',
      recipe,
      recipeId: 'x',
      origin: 'recipe',
      state: 'ready',
      metrics: {},
      steps: [],
      createdAt: '2026-03-01T11:00:00.000Z',
      ...change,
    });
    const items = [
      variant('fp32', {}),
      variant('fp16', { state: 'failed' }),
      variant('student', { origin: 'elsewhere' }),
    ];
    lab = await startHttpLab(({ method }) => ({ json: method === 'POST' ? sampleJob() : { items } }));
    const terminal = memoryTerminal({ env: { HILLTOP_URL: lab.url, HILLTOP_TOKEN: 'hlt_usr_x' } });
    expect(await runCli(['run', '-m', 'net', '--all-variants', '-r', 'int8', '-d', 'pi', '--json'], terminal)).toBe(0);
    expect(lab.received[0]!.query.get('model')).toBe('net');
    expect(JSON.parse(lab.received[1]!.body.toString()).recipes).toEqual(['int8', 'fp32', 'student']);
  });

  it("[CLI-6] a stranger in the lab's place is told from a lab", async () => {
    lab = await startHttpLab(() => ({ json: { hello: 'world' } }));
    const terminal = memoryTerminal({ env: { HILLTOP_URL: lab.url } });
    expect([await runCli(['models', '--json'], terminal), JSON.parse(terminal.written.out).code]).toEqual([
      1,
      'wire.invalid',
    ]);
  });
});
