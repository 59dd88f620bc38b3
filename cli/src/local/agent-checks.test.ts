import { describe, expect, it } from '@jest/globals';
import { sampleDevice } from '../testing/samples.js';
import { checksOf } from './agent-checks.js';

const { facts } = sampleDevice();
const floor = { latencyP50Ms: 0.007, inferences: 1000, measuredAt: '2026-03-01T12:00:00Z' };
const runtimes = [{ name: 'onnxruntime', version: '1.30.0', providers: ['cpu'] }];
const levels = (said: unknown): string[] => checksOf(said).map((check) => `${check.what}: ${check.level}`);

describe('checksOf', () => {
  it('[CLI-13] what the agent lacks is a remark with its remedy', () => {
    const lack = { what: 'no PSI', remedy: 'boot with psi=1' };
    const said = {
      facts: { ...facts, runtimes },
      floor,
      caps: 'none',
      dataDir: { path: '/d', writable: true },
      lacks: [lack],
    };
    expect(levels(said)).toEqual([
      'runtime: ok',
      'floor: ok',
      'limits of a run: remark',
      'serial ports: ok',
      'evidence: ok',
      "agent's data: ok",
      'agent: remark',
    ]);
    expect(checksOf(said).at(-1)).toEqual({
      what: 'agent',
      level: 'remark',
      found: 'no PSI',
      remedy: 'boot with psi=1',
    });
  });

  it('[CLI-13] without a runtime, a floor or a place for data nothing runs', () => {
    expect(levels({ facts, dataDir: { path: '/d', writable: false } })).toEqual([
      'runtime: missing',
      'floor: missing',
      'limits of a run: ok',
      'serial ports: ok',
      'evidence: ok',
      "agent's data: missing",
    ]);
    expect(levels(undefined)).toEqual(['agent: missing']);
  });
});
