// A Cortex-M4 of QEMU through the whole lab: coordinator, agent, and the machine behind a socket.
import { type Device, Frontier, Run } from '@hilltop/contracts';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWithQemu } from '../support/describe-with-qemu.js';
import { startLab, type TestLab } from '../support/lab.js';
import { type AddressedBoard, startQemuBoard } from '../support/qemu.js';

const items = 24;

describeWithQemu('a board of QEMU in the lab', () => {
  let board: AddressedBoard;
  let lab: TestLab;
  let device: Device;
  const runs: Run[] = [];

  beforeAll(async () => {
    board = await startQemuBoard('mps2-an386');
    lab = await startLab();
    // 32 ns an instruction, as it is started.
    await lab.agent('bench', { args: ['--serial', `${board.spec},icount=5`] });
    await lab.pushSample();
    device = await lab
      .watch('lab')
      .until((e) => [...e.device.values()].find((d) => d.kind === 'microcontroller' && d.state === 'available'));
  }, 120_000);
  afterAll(async () => {
    await lab?.stop();
    await board?.stop();
  });

  it('[MCU-70] is emulated and counts instructions, in the lab as at its agent', () => {
    expect(device).toMatchObject({
      emulated: true,
      facts: { arch: 'thumbv7em', evidence: ['ticks'], mcu: { ticks: 'instructions', hz: 31_250_000, driver: 'smp' } },
    });
  });

  it('[MCU-70] runs an int8 variant twice to the same instruction, and says how good it is on how many items', async () => {
    for (const attempt of [1, 2]) {
      const job = await lab.submit({
        model: 'sample',
        recipes: ['int8-static'],
        selector: { devices: [device.id], labels: {} },
        protocol: 'quick',
        evaluationItems: items,
      });
      expect([attempt, (await lab.ended(job.id)).state]).toEqual([attempt, 'succeeded']);
      runs.push(...(await lab.runs(job.id)).map((run) => Run.parse(run)));
    }
    for (const { metrics, verdict } of runs) {
      const { instructions, accuracy } = metrics;
      expect(verdict?.verdict).toBe('clean');
      expect([metrics.cycles, metrics.latency_p50_ms]).toEqual([undefined, undefined]);
      expect([instructions!.low, instructions!.high]).toEqual([instructions!.value, instructions!.value]);
      expect(accuracy!.n).toBe(items);
      expect(accuracy!.low!).toBeLessThan(accuracy!.value);
      expect(accuracy!.high!).toBeGreaterThanOrEqual(accuracy!.value);
    }
    const [first, second] = runs;
    expect(second!.metrics.instructions!.value).toBe(first!.metrics.instructions!.value);
    expect(second!.metrics.accuracy).toEqual(first!.metrics.accuracy);
  }, 120_000);

  it('[MCU-70] has a frontier over instructions', async () => {
    const frontier = Frontier.parse(await lab.frontier(`model=sample&device=${device.id}&x=instructions&y=accuracy`));
    const [own] = frontier.devices;
    expect([own!.device.emulated, own!.points.map((p) => [p.recipe, p.status])]).toEqual([
      true,
      [['int8-static', 'on']],
    ]);
    expect(own!.points[0]!.metrics.instructions!.value).toBe(runs[0]!.metrics.instructions!.value);
  });
});
