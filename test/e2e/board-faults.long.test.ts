// Coordinator, agent and board as processes of their own; the board is the host build of the firmware, and it is pulled in mid-run.
import { type Device, Run } from '@hilltop/contracts';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type BoardLab, type BoardProcess, startBoardLab } from '../support/board-process.js';
import { describeWithCompiler } from '../support/describe-with-qemu.js';
import type { TestLab } from '../support/lab.js';
import { readTruth, truthBreaches } from '../support/truth.js';

describeWithCompiler('a board that goes in mid-run', () => {
  let own: BoardLab;
  let board: BoardProcess;
  let lab: TestLab;
  let device: Device;

  beforeAll(async () => {
    own = await startBoardLab();
    ({ board, lab } = own);
    device = await boardThat((d) => d.state === 'available');
  }, 120_000);
  afterAll(() => own?.stop());

  const boardThat = (is: (d: Device) => boolean): Promise<Device> =>
    lab.watch('lab').until((e) => [...e.device.values()].find((d) => d.kind === 'microcontroller' && is(d)));
  const submit = (recipes: string[], protocol: 'quick' | 'standard') =>
    lab.submit({ model: 'sample', recipes, selector: { devices: [device.id], labels: {} }, protocol, repeats: 0 });
  const count = async (run: Run, kind: string): Promise<number> => {
    const { columns } = await lab.api<{ columns: Record<string, unknown[]> }>(
      'GET',
      `/runs/${run.id}/observations?kind=${kind}`,
    );
    return Object.values(columns)[0]?.length ?? 0;
  };

  it.each([
    // Ten seconds of loops: whoever hears late of the second one still pulls the board in time.
    [
      'an inference',
      'standard',
      (run: Run) => run.progress?.phase === 'measuring' && (run.progress.block ?? 0) > 0,
      'ticks',
    ],
    [
      'the evaluation',
      'quick',
      (run: Run) => run.progress?.phase === 'evaluating' && run.progress.fraction > 0.7,
      'item',
    ],
  ] as const)(
    '[MCU-71] in %s: its run ends for that, the device is offline until it is back, and the run that waited is done',
    async (_what, protocol, isThere, kept) => {
      // Before there is a run: what it does is over in a second or two.
      const watch = lab.watch(`device/${device.id}`);
      await watch.until((e) => e.device.get(device.id));
      const job = await submit(['int8-static', 'int8-tensor'], protocol);
      const hit = await watch.until((e) =>
        [...e.run.values()].find((r) => r.jobId === job.id && r.state === 'running' && isThere(r)),
      );
      await board.pull();
      const failed = Run.parse(
        await watch.until((e) => {
          const run = e.run.get(hit.id)!;
          return run.state === 'failed' ? run : undefined;
        }),
      );
      expect(failed).toMatchObject({ attempt: 1, error: { code: 'device.unplugged', cause: 'device' } });
      await boardThat((d) => d.state === 'offline');
      expect(await lab.device(device.id)).toMatchObject({ state: 'offline', stateReason: 'unplugged' });
      const other = (await lab.runs(job.id)).find((r) => r.id !== hit.id)!;
      // It waits, or its start found nobody there and is tried again.
      expect(other.state).not.toBe('failed');
      // What was observed before is kept: whole blocks, and evaluated items.
      expect(await count(failed, 'process')).toBeGreaterThanOrEqual(1);
      expect(await count(failed, kept)).toBeGreaterThan(0);

      await board.plug();
      await boardThat((d) => d.state !== 'offline');
      const ended = await lab.ended(job.id);
      expect([ended.counts.succeeded, ended.counts.failed]).toEqual([1, 1]);
      const done = (await lab.runs(job.id)).find((r) => r.id === other.id)!;
      expect(done).toMatchObject({ state: 'succeeded', deviceId: device.id });
      expect(done.metrics.accuracy!.n).toBeGreaterThanOrEqual(64);
      expect(truthBreaches(readTruth(lab.truthFile))).toEqual([]);
      watch.close();
    },
    120_000,
  );
});
