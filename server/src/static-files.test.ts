import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startLab, type TestLab } from './testing/start-lab.js';

describe('files the lab serves', () => {
  let folder: string;
  let lab: TestLab;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hilltop-page-'));
    mkdirSync(join(folder, 'dist', 'assets'), { recursive: true });
    writeFileSync(join(folder, 'dist', 'index.html'), '<!doctype html><title>page</title>');
    writeFileSync(join(folder, 'dist', 'assets', 'app-1a2b.js'), 'export {}');
    writeFileSync(join(folder, 'secret.txt'), 'secret');
    lab = await startLab({ config: { dashboardDir: join(folder, 'dist'), agentPackage: join(folder, 'agent.tgz') } });
  });
  afterAll(async () => {
    await lab.close();
    rmSync(folder, { recursive: true });
  });
  const get = async (path: string, accept = 'text/html') => {
    const response = await fetch(lab.url + path, { headers: { accept } });
    return {
      status: response.status,
      type: response.headers.get('content-type')?.split(';')[0],
      cache: response.headers.get('cache-control'),
      text: await response.text(),
    };
  };

  it('[HTTP-9] every address of a person leads to the page, files keep their own', async () => {
    for (const path of ['/', '/jobs/job_1', '/models/a%20b?x=1']) {
      expect(await get(path)).toEqual({
        status: 200,
        type: 'text/html',
        cache: 'no-cache',
        text: '<!doctype html><title>page</title>',
      });
    }
    expect(await get('/assets/app-1a2b.js')).toMatchObject({
      status: 200,
      type: 'text/javascript',
      cache: 'public, max-age=31536000, immutable',
    });
  });

  it('[HTTP-9] what is not there is a problem, and nothing outside the folder is served', async () => {
    expect(await get('/assets/gone.js')).toMatchObject({ status: 404, type: 'application/problem+json' });
    expect(await get('/api/v1/gone')).toMatchObject({ status: 404, type: 'application/problem+json' });
    for (const path of ['/..%2fsecret.txt', '/assets/..%2f..%2fsecret.txt', '/%2e%2e/secret.txt'])
      expect((await get(path, '*/*')).text).not.toContain('secret');
  });

  it('[HTTP-10] the agent package is there or says how to make it', async () => {
    expect(await get('/agent.tgz')).toMatchObject({ status: 404, text: expect.stringContaining('npm run pack:agent') });
    writeFileSync(join(folder, 'agent.tgz'), 'tgz');
    expect(await get('/agent.tgz', '*/*')).toMatchObject({ status: 200, text: 'tgz' });
  });
});
