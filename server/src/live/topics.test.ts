import type { Change } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { topicsOf } from './topics.js';

const of = (kind: Change['kind'], id: string, value?: object) =>
  topicsOf({ kind, id, ...(value && { value }) } as unknown as Change);

describe('topicsOf', () => {
  it('[LIVE-8] a change is told to everyone whose snapshot holds the thing', () => {
    expect(of('device', 'd', {})).toEqual(['lab', 'device/d']);
    expect(of('model', 'm', {})).toEqual(['lab', 'model/m']);
    expect(of('variant', 'v', { modelId: 'm' })).toEqual(['model/m']);
    expect(of('job', 'j', { modelId: 'm' })).toEqual(['lab', 'job/j', 'model/m']);
    expect(of('run', 'r', { jobId: 'j', modelId: 'm', deviceId: 'd' })).toEqual(['job/j', 'model/m', 'device/d']);
    expect(of('frontier', 'f', { modelId: 'm' })).toEqual(['model/m']);
    expect(of('gate', 'g', { sweepId: 's' })).toEqual(['lab', 'sweep/s']);
    expect(of('reservation', 'l', { deviceId: 'd', candidates: ['d', 'e'] })).toEqual(['lab', 'device/d', 'device/e']);
    expect(of('sweep', 's', {})).toEqual(['lab', 'sweep/s']);
    expect(of('trial', 't', { sweepId: 's' })).toEqual(['sweep/s']);
    expect(of('device', 'd')).toEqual([]);
  });
});
