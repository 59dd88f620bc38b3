import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startLab, type TestLab } from '../support/lab.js';
import type { JsonProcess } from '../support/process.js';
import { TcpProxy } from '../support/proxy.js';
import { readTruth, truthBreaches } from '../support/truth.js';

describe('a fleet of twelve', () => {
  let lab: TestLab;
  let proxy: TcpProxy;
  let frozen: JsonProcess;
  beforeAll(async () => {
    lab = await startLab();
    proxy = await TcpProxy.to(lab.url);
    await lab.pushSample();
    const token = await lab.joinToken(12);
    const [first] = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        lab.agent(`bench-${i}`, { token, wait: 'none', ...(i === 1 && { via: proxy.url }) }),
      ),
    );
    frozen = first!;
    await lab
      .watch('lab')
      .until(
        (e) => ([...e.device.values()].filter((d) => d.state === 'available').length === 12 ? true : undefined),
        120_000,
      );
  }, 240_000);
  afterAll(async () => {
    await proxy.close();
    await lab.stop();
  });

  it('[JOB-21] a push reaches everyone once; a frozen agent and a cut link hold nobody up and end right', async () => {
    // The link of bench-1 goes after the first 40 kB of its artifact and data have passed.
    const before = proxy.bytes;
    let cut = false;
    proxy.onBytes = (total) => {
      if (total - before > 40_000 && !cut) {
        cut = true;
        proxy.cut();
      }
    };
    frozen.signal('SIGSTOP');
    const job = await lab.submit({ model: 'sample', recipes: ['int8-static'], protocol: 'quick' });
    const watch = lab.watch(`job/${job.id}`);
    await watch.until(
      (e) => ([...e.run.values()].filter((r) => r.state === 'succeeded').length >= 10 ? true : undefined),
      240_000,
    );
    const late = [...watch.entities.run.values()]
      .filter((r) => r.state !== 'succeeded')
      .map((r) => r.deviceName)
      .sort();
    expect(late).toEqual(['bench-0', 'bench-1']);
    expect(cut).toBe(true);

    frozen.signal('SIGCONT');
    proxy.heal();
    expect((await lab.ended(job.id, 120_000)).state).toBe('succeeded');

    const runs = await lab.runs(job.id);
    expect(runs.map((r) => r.state)).toEqual(Array.from({ length: 12 }, () => 'succeeded'));
    expect(truthBreaches(readTruth(lab.truthFile))).toEqual([]);
    // Verified: what was executed is what was made. None sent twice: at most the chunks of one window again after the cut.
    const artifact = runs[0]!.artifact!;
    expect(new Set(readTruth(lab.truthFile).map((t) => t.sha256))).toEqual(new Set([artifact.sha256]));
    const whole = runs.filter((r) => r.deviceName !== 'bench-1').map((r) => r.transferBytes!);
    for (const bytes of whole) expect(bytes).toBeGreaterThan(0);
    expect(Math.max(...whole)).toBeLessThan(1.5 * Math.min(...whole.filter((b) => b > 0)));
  }, 400_000);
});
