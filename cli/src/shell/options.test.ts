import { LabError } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { Options } from './options.js';

const code = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof LabError) return error.code;
  }
  return 'nothing thrown';
};

describe('Options', () => {
  it.each([
    ['90s', 90],
    ['15m', 900],
    ['2h', 7200],
    ['30d', 2_592_000],
  ])('[CLI-1] reads the duration %s', (text, seconds) => {
    expect(new Options('token create', { ttl: [text] }).duration('ttl')).toBe(seconds);
  });

  it('[CLI-2] refuses what is no number, duration, word of a list or label', () => {
    const bad = new Options('run', {
      threads: ['two'],
      ttl: ['soon'],
      protocol: ['fast'],
      label: ['berlin'],
      parallel: ['0'],
    });
    expect([
      code(() => bad.integers('threads', 1)),
      code(() => bad.integer('parallel', 1)),
      code(() => bad.duration('ttl')),
      code(() => bad.choice('protocol', ['quick'])),
      code(() => bad.labels()),
      code(() => bad.required('model', '-m MODEL')),
    ]).toEqual(Array.from({ length: 6 }, () => 'usage.invalid'));
  });
});
