import { describe, expect, it } from '@jest/globals';
import { draftErrors, type ScheduleDraft, scheduleOf } from './schedule-draft.js';

const draft: ScheduleDraft = {
  name: 'nightly',
  cron: '0 2 * * *',
  timezone: 'Europe/Berlin',
  baseline: '',
  maxRegression: '1',
  missed: 'skip',
};
const file = { name: 'n', models: ['net'], recipes: ['fp32'] };

describe('a new schedule', () => {
  it('[NIGHT-12] has its errors at the field, and asks for nothing before all is said', () => {
    expect(draftErrors({ ...draft, name: '-', cron: '0 2', baseline: 'v1', maxRegression: 'much' })).toEqual({
      name: expect.any(String),
      cron: expect.any(String),
      maxRegression: expect.any(String),
    });
    expect(draftErrors({ ...draft, name: '', maxRegression: '' })).toEqual({});
    expect([scheduleOf({ ...draft, name: ' ' }, file), scheduleOf(draft, undefined)]).toEqual([undefined, undefined]);
  });

  it('[NIGHT-12] asks for shares, as the lab counts; without a baseline for no threshold', () => {
    expect(scheduleOf({ ...draft, baseline: 'v1', maxRegression: '0,7' }, file)).toEqual({
      name: 'nightly',
      cron: '0 2 * * *',
      timezone: 'Europe/Berlin',
      file,
      missed: 'skip',
      baseline: 'v1',
      maxRegression: 0.007,
    });
    expect(scheduleOf(draft, file)).not.toHaveProperty('maxRegression');
  });
});
