// As board-faults.test.ts, for what takes its time to be believed: the board is there and says nothing any more.
import type { Device, Run } from '@hilltop/contracts';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type BoardLab, type BoardProcess, startBoardLab } from '../support/board-process.js';
import { describeWithCompiler } from '../support/describe-with-qemu.js';
import type { TestLab } from '../support/lab.js';

describeWithCompiler('a board that hangs in mid-run', () => {
  let own: BoardLab;
  let board: BoardProcess;
  let lab: TestLab;

  beforeAll(async () => {
    own = await startBoardLab();
    ({ board, lab } = own);
  }, 120_000);
  afterAll(() => own?.stop());

  it('[MCU-71] ends its run, is unhealthy with the reason, and serves again when it wakes', async () => {
    const boardThat = (is: (d: Device) => boolean) =>
      lab.watch('lab').until((e) => [...e.device.values()].find((d) => d.kind === 'microcontroller' && is(d)), 120_000);
    const device = await boardThat((d) => d.state === 'available');
    const submit = (protocol: 'quick' | 'standard') =>
      lab.submit({
        model: 'sample',
        recipes: ['int8-static'],
        selector: { devices: [device.id], labels: {} },
        protocol,
        evaluationItems: 64,
      });
    // Ten seconds of loops: a busy machine that hears late of the second one still stops it in time.
    const job = await submit('standard');
    const watch = lab.watch(`job/${job.id}`);
    const run: Run = await watch.until((e) =>
      [...e.run.values()].find((r) => r.progress?.phase === 'measuring' && (r.progress.block ?? 0) > 0),
    );
    board.signal('SIGSTOP');
    const failed = await watch.until((e) => {
      const now = e.run.get(run.id)!;
      return now.state === 'failed' ? now : undefined;
    }, 120_000);
    expect(failed.error).toMatchObject({ code: 'device.no-answer', cause: 'device' });
    expect(await lab.device(device.id)).toMatchObject({
      state: 'unhealthy',
      stateReason: expect.stringContaining('press its reset button'),
    });
    board.signal('SIGCONT');
    await boardThat((d) => d.state === 'available');
    const again = await submit('quick');
    await lab.ended(again.id);
    expect((await lab.runs(again.id)).map((r) => r.error ?? r.state)).toEqual(['succeeded']);
  }, 300_000);
});
