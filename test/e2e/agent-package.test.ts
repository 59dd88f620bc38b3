import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { root, startLab, type TestLab } from '../support/lab.js';
import { JsonProcess } from '../support/process.js';

const run = promisify(execFile);

/** The lab serves its own agent; a machine with Node and nothing else installs and serves. */
describe('the served agent', () => {
  let lab: TestLab;
  beforeAll(async () => {
    lab = await startLab();
    await lab.pushSample();
  }, 120_000);
  afterAll(() => lab.stop());

  it('[AGENT-20] installs offline into an empty prefix with an empty home, joins and runs a job', async () => {
    const answer = await lab.raw('GET', '/agent.tgz', { token: '' });
    expect(answer.status).toBe(200);
    const archive = Buffer.from(await answer.arrayBuffer());
    const facts = JSON.parse(readFileSync(join(root, 'dist/agent.json'), 'utf8')) as { sha256: string };
    expect(createHash('sha256').update(archive).digest('hex')).toBe(facts.sha256);

    const home = join(lab.home, 'newcomer');
    mkdirSync(home);
    writeFileSync(join(home, 'agent.tgz'), archive);
    const env = { PATH: process.env.PATH, HOME: home };
    await run(
      'npm',
      [
        'install',
        '--global',
        '--offline',
        '--no-audit',
        '--no-fund',
        '--prefix',
        join(home, 'prefix'),
        join(home, 'agent.tgz'),
      ],
      { env, cwd: home },
    );

    const bin = realpathSync(join(home, 'prefix/bin/hilltop-agent'));
    expect((await run(process.execPath, [bin, '--help'], { env })).stdout).toContain('--token');
    const agent = new JsonProcess(
      'served agent',
      [bin, lab.url, '--token', await lab.joinToken(), '--name', 'served', '--data', join(home, 'data'), '--json'],
      { HOME: home },
    );
    lab.agents.push(agent);
    await lab
      .watch('lab')
      .until((e) => [...e.device.values()].find((d) => d.name === 'served' && d.state === 'available'), 60_000);
    const job = await lab.submit({
      model: 'sample',
      recipes: ['int8-static'],
      protocol: 'quick',
      selector: { devices: ['served'], labels: {} },
    });
    expect((await lab.ended(job.id)).state).toBe('succeeded');
  }, 240_000);
});
