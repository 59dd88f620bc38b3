import type { DeviceReport, Hello } from '@hilltop/contracts';

/** What an agent with one device says first. */
export function helloOf(agentId: string): Hello {
  const device: DeviceReport = {
    key: 'host',
    name: agentId,
    kind: 'host',
    type: 'bench',
    emulated: false,
    labels: {},
    facts: { cpuFeatures: [], cores: 2, memoryBytes: 1, arch: 'x64', os: 'test', runtimes: [], evidence: [] },
  };
  return {
    protocol: { min: 1, max: 1 },
    version: '1.0.0',
    bootId: 'boot',
    journalId: `journal-${agentId}`,
    firstSeq: 1,
    lastSeq: 0,
    running: [],
    maxFence: {},
    devices: [device],
    cache: { count: 0, bytes: 0 },
  };
}
