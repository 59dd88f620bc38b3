import type { Device } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createLog } from '../log.js';
import { RunBench } from '../runs/testing/run-bench.js';
import { DeviceChangeEntity } from './device-change.entity.js';
import { DeviceDiary } from './device-diary.js';

let bench: RunBench;
let diary: DeviceDiary;

beforeEach(async () => {
  bench = await RunBench.start();
  begin();
});
afterEach(() => bench.close());

function begin(): void {
  diary = new DeviceDiary(bench.database, bench.devices, createLog('silent'));
  diary.onModuleInit();
}

const tell = async (...steps: Array<Partial<Device>>): Promise<void> => {
  for (const step of steps) bench.devices.told.emit([{ id: 'dev_00000001', ...step } as Device]);
  await diary.settled();
};

async function kept() {
  const rows = await bench.database.reader.getRepository(DeviceChangeEntity).find({ order: { seq: 'ASC' } });
  return rows.map(({ state, reason, by }) => [state, reason, by]);
}

describe('diary of devices', () => {
  it('[LABP-9] keeps when a device came, went and left the rotation, with the reason; runs are no changes', async () => {
    const since = '2026-11-24T12:00:00.000Z';
    await tell(
      { state: 'available' },
      { state: 'busy' },
      { state: 'cooling' },
      { state: 'offline', stateReason: 'no word' },
      { state: 'offline', stateReason: 'still none' },
      { state: 'available' },
      { state: 'quarantined', stateReason: 'hot', quarantine: { reason: 'hot', since, by: 'ann' } },
      { state: 'maintenance', stateReason: 'fan', quarantine: { reason: 'fan', since, kind: 'maintenance' } },
    );
    expect(await kept()).toEqual([
      ['available', null, null],
      ['offline', 'no word', null],
      ['available', null, null],
      ['quarantined', 'hot', 'ann'],
      ['maintenance', 'fan', null],
    ]);
  });

  it('[LABP-9] a restart of the lab is no change of a device', async () => {
    await tell({ state: 'available' });
    begin();
    await tell({ state: 'busy' });
    expect(await kept()).toEqual([['available', null, null]]);
  });

  it('[LABP-10] out for maintenance is not out for a fault', async () => {
    await bench.agents('pi-a');
    const { id } = await bench.deviceOf('pi-a');
    const state = async () => bench.devices.view(await bench.deviceOf('pi-a')).state;
    const reason = { reason: 'new fan', since: '2026-11-24T12:00:00.000Z', by: 'ann' };
    await bench.devices.rotate(id, { ...reason, kind: 'maintenance' });
    expect(await state()).toBe('maintenance');
    await bench.devices.rotate(id, reason);
    expect(await state()).toBe('quarantined');
  });
});
