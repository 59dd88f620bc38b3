import { describe, expect, it } from '@jest/globals';
import { idOf, objectOf, subjectOf } from './object-of.js';

describe('the present object', () => {
  it('[SET-6] is what the address names, by id or by name', () => {
    expect(objectOf('/models/my%20net')).toEqual({ kind: 'model', key: 'my net' });
    expect(objectOf('/runs/run_1')).toEqual({ kind: 'run', key: 'run_1' });
    expect(['/', '/models', '/settings/you', '/models/'].map(objectOf)).toEqual(Array(4).fill(undefined));
    const known = { model: new Map([['mod_1', { id: 'mod_1', name: 'net' } as never]]), device: new Map() };
    expect(idOf({ kind: 'model', key: 'net' }, known)).toBe('mod_1');
    expect(idOf({ kind: 'job', key: 'job_1' }, known)).toBe('job_1');
  });

  it('[SET-6] notes of a run need its job; a schedule has none', () => {
    expect(subjectOf('run', 'run_1', undefined)).toBeUndefined();
    expect(subjectOf('run', 'run_1', 'job_1')).toEqual({ runId: 'run_1', jobId: 'job_1' });
    expect(subjectOf('device', 'dev_1', undefined)).toEqual({ deviceId: 'dev_1' });
    expect(subjectOf('schedule', 'sch_1', undefined)).toBeUndefined();
  });
});
