import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JournalEvent } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { FakeLab } from './testing/fake-lab.js';
import { runStart } from './testing/start.js';
import { type TestAgent, testAgent } from './testing/test-agent.js';

const example = fileURLToPath(new URL('../../examples/external-runtime/run-onnx.mjs', import.meta.url));

// Real processes: on a busy machine starting one takes its time.
jest.setTimeout(60_000);

describe('an agent with a program of its own', () => {
  let lab: FakeLab;
  let dir: string;
  let agent: TestAgent;
  beforeEach(async () => {
    lab = await FakeLab.start();
    dir = await mkdtemp(join(tmpdir(), 'hilltop-agent-'));
    agent = testAgent(lab, dir, [
      lab.url,
      '--token',
      lab.token,
      '--runtime',
      `mine=${process.execPath} ${example}`,
      '--runtime',
      'gone=/none',
    ]);
  });
  afterEach(async () => {
    await agent.stop();
    await lab.stop();
    await rm(dir, { recursive: true, force: true });
  });

  it('[RT-10] runs say which runtime they took; the floor of another one is not theirs', async () => {
    const hello = await lab.message('up/hello');
    expect(hello.devices[0]!.facts.runtimes.map(({ name, id }) => id ?? name)).toEqual(['onnxruntime', 'mine']);
    expect(agent.reports).toContainEqual({ event: 'runtime.missing', runtime: 'gone', reason: expect.any(String) });
    const started: Array<Extract<JournalEvent, { type: 'run.started' }>> = [];
    const outcomes: unknown[] = [];
    for (const [i, wish] of [{}, { runtime: 'mine' }, { runtime: 'gone' }].entries()) {
      const start = runStart(lab, i + 1, { settings: { threads: 1, graphLevel: 'all', ...wish } });
      lab.start(start);
      const { outcome, error } = await lab.ended(start.runId);
      outcomes.push([outcome, error?.code]);
      for (const event of lab.events)
        if (event.type === 'run.started' && event.runId === start.runId) started.push(event);
    }
    expect(outcomes).toEqual([
      ['succeeded', undefined],
      ['succeeded', undefined],
      ['failed', 'runtime.missing'],
    ]);
    expect(started.map(({ environment, floor }) => [environment.runtime.name, floor !== undefined])).toEqual([
      ['onnxruntime', true],
      ['mine', false],
    ]);
    expect(started[1]!.environment.runtime).toMatchObject({ provider: 'cpu', version: expect.stringMatching(/\d/) });
  });
});
