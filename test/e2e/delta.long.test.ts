import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { type Run } from '@hilltop/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { example, startLab, type TestLab } from '../support/lab.js';
import type { JsonProcess } from '../support/process.js';
import { TcpProxy } from '../support/proxy.js';
import { readTruth, truthBreaches } from '../support/truth.js';

/** 8-bit with ranges that leave out the outermost values: a sibling of `int8-static` with other scales and zero points. */
const percentile = (name: string, share: number) => ({
  name,
  title: `Ranges of ${share} %`,
  description: 'As int8-static, with other ranges.',
  steps: [
    { pass: 'optimize', parameters: {} },
    { pass: 'quantize-static', parameters: { calibration: 'percentile', percentile: share } },
  ],
});

const recipes = ['percentile-0', 'percentile-1', 'percentile-2'];

describe('artifacts as the difference to a sibling', () => {
  let lab: TestLab;
  let proxy: TcpProxy;
  let agent: JsonProcess;
  beforeAll(async () => {
    lab = await startLab();
    proxy = await TcpProxy.to(lab.url);
    await lab.push('net', {
      model: readFileSync(example('models/fashion-resnet.onnx')),
      calibration: readFileSync(example('data/fashion-calibration.npz')),
    });
    for (const [i, share] of [99.9, 99.5, 99].entries())
      await lab.api('POST', '/recipes', percentile(recipes[i]!, share));
    // One that has asked for everything before: however busy this machine is, the patches are there for the next.
    const first = await lab.agent('first');
    const [, ...siblings] = await run('first', 'int8-static', ...recipes);
    const ready = (line: string, sha256: string): boolean => line.includes('patch ready') && line.includes(sha256);
    const lines = (): string[] => lab.server.log.split('\n');
    while (!siblings.every(({ artifact }) => lines().some((line) => ready(line, artifact!.sha256)))) await wait(100);
    await first.stop();
    agent = await lab.agent('bench', { via: proxy.url });
  }, 300_000);
  afterAll(async () => {
    await proxy.close();
    await lab.stop();
  });

  /** Runs of one job, as the recipes are named. */
  async function run(device: string, ...names: string[]): Promise<Run[]> {
    const selector = { devices: [device] };
    const job = await lab.submit({ model: 'net', recipes: names, selector, protocol: 'quick' });
    expect((await lab.ended(job.id, 240_000)).state).toBe('succeeded');
    const runs = await lab.runs(job.id);
    return names.map((name) => runs.find((each) => each.recipe === name)!);
  }

  /** Calls back once, when the second kilobyte of the patch's way has passed; the artifact alone has 200. */
  function amidPatch(act: () => void): () => boolean {
    const before = proxy.bytes;
    let done = false;
    proxy.onBytes = (total) => {
      if (done || total - before < 2000) return;
      done = true;
      act();
    };
    return () => done;
  }

  it('[FETCH-8] [BLOB-4] a recalibrated variant costs a small part of its size, and is what is executed', async () => {
    const [whole] = await run('bench', 'int8-static');
    const [patched] = await run('bench', 'percentile-0');
    expect(whole!.transferBytes!).toBeGreaterThan(0.8 * whole!.artifact!.bytes);
    expect(patched!.transferBytes!).toBeLessThan(0.05 * patched!.artifact!.bytes);
    const executed = new Set(readTruth(lab.truthFile).map((t) => t.sha256));
    expect([...executed]).toEqual(expect.arrayContaining([whole!.artifact!.sha256, patched!.artifact!.sha256]));
    expect(truthBreaches(readTruth(lab.truthFile))).toEqual([]);
  }, 240_000);

  it('[FETCH-10] a link that is cut, and an agent that freezes, while a patch is on its way end right', async () => {
    const cut = amidPatch(() => {
      proxy.cut();
      void agent.event((e) => e.event === 'disconnected').then(() => proxy.heal());
    });
    const [afterCut] = await run('bench', 'percentile-1');
    expect(cut()).toBe(true);
    const frozen = amidPatch(() => {
      agent.signal('SIGSTOP');
      // As long as the fault lasts; far below a claim's life.
      setTimeout(() => agent.signal('SIGCONT'), 3000);
    });
    const [afterFreeze] = await run('bench', 'percentile-2');
    expect(frozen()).toBe(true);
    for (const { transferBytes, artifact } of [afterCut!, afterFreeze!]) {
      expect(transferBytes!).toBeGreaterThan(0);
      expect(transferBytes!).toBeLessThan(0.1 * artifact!.bytes);
    }
    expect(truthBreaches(readTruth(lab.truthFile))).toEqual([]);
  }, 300_000);
});
