import { describe, expect, it } from '@jest/globals';
import { lackingRuntimes } from './doctor.js';

const facts = { cpuFeatures: [], cores: 4, memoryBytes: 8e9, os: 'Ubuntu', runtimes: [], evidence: [] };

describe('doctor and runtimes', () => {
  it('[RT-9] says which program does not answer and why, and that a GPU on Arm needs trtexec', () => {
    const jetson = { ...facts, arch: 'arm64', board: 'NVIDIA Jetson Orin Nano Developer Kit' };
    expect(lackingRuntimes(jetson, [{ id: 'tflite', why: 'status 127' }]).map(({ what }) => what)).toEqual([
      'the runtime tflite: status 127',
      expect.stringContaining('on the CPU alone on arm64'),
    ]);
    const trtexec = { name: 'trtexec' as const, version: '8.5.2', providers: ['tensorrt'] };
    expect(lackingRuntimes({ ...jetson, runtimes: [trtexec] }, [])).toEqual([]);
    expect(lackingRuntimes({ ...facts, arch: 'arm64', board: 'Raspberry Pi 5 Model B Rev 1.0' }, [])).toEqual([]);
    expect(lackingRuntimes({ ...facts, arch: 'x64' }, [])).toEqual([]);
  });
});
