import type { RunEnvironment } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { environmentChanges } from './environment-changes.js';

const told = (deviceName: string, more: Partial<RunEnvironment> = {}, version = '1.30') => ({
  deviceId: `dev_${deviceName}`,
  deviceName,
  environment: {
    agentVersion: '0.1.0',
    node: '22.1.0',
    runtime: { name: 'onnxruntime', version, provider: 'cpu' },
    caps: 'none',
    ...more,
  },
});

describe('what changed between two nights', () => {
  it('[NIGHT-2] names each fact of each device that is otherwise, and nothing of devices that are new', () => {
    expect(
      environmentChanges(
        [told('pi'), told('nano', { governor: 'performance' })],
        [told('pi', {}, '1.31'), told('pi', {}, '1.31'), told('nano', { agentVersion: '0.2.0' }), told('new')],
      ),
    ).toEqual([
      {
        deviceId: 'dev_pi',
        deviceName: 'pi',
        fact: 'runtime',
        before: 'onnxruntime 1.30 cpu',
        now: 'onnxruntime 1.31 cpu',
      },
      { deviceId: 'dev_nano', deviceName: 'nano', fact: 'agent', before: '0.1.0', now: '0.2.0' },
      { deviceId: 'dev_nano', deviceName: 'nano', fact: 'governor', before: 'performance' },
    ]);
  });
});
