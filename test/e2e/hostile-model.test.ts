import { LabError } from '@hilltop/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startLab, type TestLab } from '../support/lab.js';
import * as onnx from '../support/onnx.js';

/** A model may pass the door and still misbehave on a device: the run has a cause, the agent lives on. */
describe('a model that misbehaves', () => {
  let lab: TestLab;
  beforeAll(async () => {
    lab = await startLab();
    await lab.agent('bench-1');
    await lab.pushSample();
  }, 120_000);
  afterAll(() => lab.stop());

  const cases: [string, Buffer, RegExp][] = [
    ['asks for 8 GiB', onnx.greedy(), /^run\.out-of-memory$/],
    ['never ends', onnx.endless(), /^run\.(timeout|cpu-limit)$/],
  ];
  it.each(cases)(
    '[EXEC-20] one that %s is refused at the door or fails its run in bounded time, and the next run is clean of it',
    async (_, bytes, code) => {
      let refused: string | undefined;
      try {
        const model = await lab.push('hostile', { model: bytes });
        const job = await lab.submit({ model: model.id, recipes: ['fp32'], protocol: 'quick' });
        const ended = await lab.ended(job.id, 200_000);
        expect(ended.state).toBe('failed');
        const [run] = await lab.runs(job.id);
        expect(run!.error!.cause).toBe('user');
        refused = run!.error!.code;
        await lab.api('DELETE', `/models/${model.id}`);
      } catch (error) {
        if (!(error instanceof LabError)) throw error;
        refused = error.code;
      }
      expect(refused).toMatch(code);
      const next = await lab.submit({ model: 'sample', recipes: ['fp32'], protocol: 'quick' });
      expect((await lab.ended(next.id)).state).toBe('succeeded');
    },
    300_000,
  );
});
