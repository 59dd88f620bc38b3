import { type ErrorCode, LabError } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { exitStatus } from './exit-status.js';

describe('exitStatus', () => {
  it.each<[ErrorCode, number]>([
    ['usage.invalid', 2],
    ['lab.unreachable', 3],
    ['device.offline', 3],
    ['run.lost', 3],
    ['model.not-onnx', 1],
    ['auth.unknown', 1],
    ['frontier.no-points', 1],
    ['run.crashed', 1],
  ])('[CLI-5] %s ends with status %d', (code, status) => {
    expect(exitStatus(new LabError(code, ''))).toBe(status);
  });

  it('[CLI-5] anything that has no code is infrastructure', () => {
    expect(exitStatus(new Error('disk full'))).toBe(3);
  });
});
